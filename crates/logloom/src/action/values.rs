//! The closed sets of values that fields of actions take, and their spelling in the log. Where the
//! document leaves a set open, `Other` takes any text.

use logloom_record::Encode;
use logloom_record::wire::Encoder;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name<'a> {
            $($(#[$variant_doc])* $variant,)*
            /// Any other one, as it is.
            Other(&'a str),
        }

        impl $name<'_> {
            /// The text in the log.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $text,)*
                    $name::Other(text) => text,
                }
            }
        }

        impl Encode for $name<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                self.as_str().encoded_len()
            }

            #[inline]
            fn encode(&self, out: &mut Encoder<'_>) {
                self.as_str().encode(out);
            }

            fn hidden_chars(&self) -> u32 {
                self.as_str().hidden_chars()
            }
        }
    )*};
}

texts! {
    /// How a user's input came.
    InputMode {
        /// Typed at a prompt.
        Interactive = "interactive",
        /// Given with the start of the program.
        Batch = "batch",
    }

    /// What an agent is doing.
    AgentState {
        /// It waits for its user.
        Idle = "IDLE",
        /// The model is at work.
        Thinking = "THINKING",
        /// A tool is at work.
        UsingTool = "USING_TOOL",
    }

    /// How much a tool may do.
    PermissionLevel {
        /// It only looks.
        Safe = "SAFE",
        /// It changes what can be changed back.
        Normal = "NORMAL",
        /// It may do harm.
        Dangerous = "DANGEROUS",
    }

    /// What was decided about a tool.
    Decision {
        /// It may run.
        Approved = "approved",
        /// It may not.
        Denied = "denied",
    }

    /// What a model answered with.
    ResponseType {
        /// Text.
        Text = "text",
        /// Calls of tools.
        ToolUse = "tool_use",
    }

    /// What a hook is.
    HookType {
        /// A command that is run.
        Command = "command",
        /// A function of the agent.
        Function = "function",
    }
}

/// Tokens that one answer of a model has cost, as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens of the request, those from a cache included.
    pub input: u64,
    /// Tokens of the answer, those of reasoning included.
    pub output: u64,
    /// Of `input`, those that came from a cache; left out where unknown.
    pub cache_read: Option<u64>,
    /// Of `input`, those that were put into a cache; left out where unknown.
    pub cache_creation: Option<u64>,
    /// Of `output`, those of reasoning; left out where unknown.
    pub reasoning: Option<u64>,
}

impl TokenUsage {
    /// What every provider tells.
    #[must_use]
    pub const fn new(input: u64, output: u64) -> TokenUsage {
        TokenUsage { input, output, cache_read: None, cache_creation: None, reasoning: None }
    }
}
