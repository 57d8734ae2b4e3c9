//! What is asked of a model and what it answers.

use std::time::Duration;

use logloom_record::Encode;
use logloom_record::wire::{Encoder, Members};

use super::action;
use crate::action::{ResponseType, TokenUsage};

action! {
    /// `llm_request`: a request to a model.
    LlmRequest = LlmRequest {
        new {
            /// who runs the model, such as `anthropic`.
            provider: &'a str,
            /// its name.
            model: &'a str,
            /// the id that answer and error name again, such as [`request_id`](crate::action::request_id).
            request_id: &'a str,
        }
        with {
            /// Messages of the conversation so far.
            messages_count: u64,
            /// Tools that the model may call.
            tools_count: u64,
            /// Temperature.
            temperature: f64,
            /// Most tokens of the answer.
            max_tokens: u64,
        }
        order {
            provider, model, messages_count, tools_count, temperature, max_tokens, request_id,
        }
    }
}

/// A tool that a model asks for in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolUse<'a> {
    /// Name of the tool.
    pub tool: &'a str,
    /// The id of this use, which the actions of the tool name again.
    pub tool_use_id: &'a str,
}

impl Encode for ToolUse<'_> {
    fn encoded_len(&self) -> usize {
        Members(&[("tool", &self.tool), ("tool_use_id", &self.tool_use_id)]).encoded_len()
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        Members(&[("tool", &self.tool), ("tool_use_id", &self.tool_use_id)]).encode(out);
    }
}

action! {
    /// `llm_response`: a model's answer.
    LlmResponse = LlmResponse, free status {
        new {
            /// the id of the request.
            request_id: &'a str,
        }
        with {
            /// What it answered with.
            response_type: ResponseType<'a>,
            /// The tools it asks for; an empty list is written.
            tool_calls: &'a [ToolUse<'a>],
        }
        own {
            input_tokens: u64,
            output_tokens: u64,
            cache_read_tokens: u64,
            cache_creation_tokens: u64,
            reasoning_tokens: u64,
            duration_ms: u64,
        }
        order {
            request_id, response_type, tool_calls, input_tokens, output_tokens, cache_read_tokens,
            cache_creation_tokens, reasoning_tokens, duration_ms,
        }
    }
}

impl LlmResponse<'_> {
    /// What it cost. Measured or absent: nothing is estimated.
    pub fn usage(mut self, usage: TokenUsage) -> Self {
        self.input_tokens = Some(usage.input);
        self.output_tokens = Some(usage.output);
        self.cache_read_tokens = usage.cache_read;
        self.cache_creation_tokens = usage.cache_creation;
        self.reasoning_tokens = usage.reasoning;
        self
    }

    /// How long the whole answer took.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration_ms = Some(super::milliseconds(duration));
        self
    }
}

action! {
    /// `llm_error`: a request that failed. Its level is ERROR.
    LlmError = LlmError, free status, is Error {
        new {
            /// the id of the request.
            request_id: &'a str,
            /// the kind of error, such as `rate_limit_error`.
            error_type: &'a str,
            /// what the provider said.
            error_message: &'a str,
        }
        own { retry_after: u64, }
        order { request_id, error_type, error_message, retry_after }
    }
}

impl LlmError<'_> {
    /// When it may be tried again; written in whole seconds, rounded up.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let part = u64::from(wait.subsec_nanos() > 0);
        self.retry_after = Some(wait.as_secs().saturating_add(part));
        self
    }
}
