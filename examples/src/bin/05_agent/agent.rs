//! The agent: it asks the model, runs tools, and tells its observer at six points. It knows of no log.

use std::sync::Arc;
use std::time::Instant;

use logloom::Encode;
use logloom::action::{
    AgentEvent, AgentState, AgentStateChange, BusEvent, CommandLineEvent, Decision, InputMode,
    LlmError, LlmRequest, LlmResponse, ModelEvent, Observer, Outcome, PermissionLevel,
    ResponseType, SessionEvent, Status, SystemWarning, ToolCall, ToolError, ToolEvent,
    ToolPermission, ToolResult, ToolUse, UserInput, request_id,
};

use crate::script::{Answer, Script, Tool, agree, run};

pub(crate) struct Agent {
    model: Script,
    observer: Arc<dyn Observer>,
    state: AgentState<'static>,
}

impl Agent {
    pub(crate) fn new(model: Script, observer: Arc<dyn Observer>) -> Agent {
        Agent { model, observer, state: AgentState::Idle }
    }

    pub(crate) fn start(&self, project: &str) {
        let metadata = [("platform", std::env::consts::OS), ("model", self.model.name())];
        self.observer.session(&SessionEvent::Start {
            id: None,
            project: Some(project),
            metadata: &metadata,
        });
    }

    pub(crate) fn resume(&self, id: &str) {
        self.observer.session(&SessionEvent::Resume { id, project: None });
    }

    pub(crate) fn stop(&self, reason: &str) {
        self.observer.session(&SessionEvent::End { reason });
    }

    /// One turn: the model is asked until it answers with text.
    pub(crate) fn ask(&mut self, question: &str) {
        self.observer.session(&SessionEvent::Turn { execution_id: None });
        let input = UserInput::new(question).input_mode(InputMode::Interactive);
        self.observer.command_line(&CommandLineEvent::Input(input));
        self.enter(AgentState::Thinking, "user_request");
        loop {
            let id = request_id();
            self.observe_request(&id);
            let Some(answer) = self.model.answer() else { break };
            self.observe_answer(&id, &answer);
            match &answer {
                Answer::Tool(tool) => {
                    self.enter(AgentState::UsingTool, "tool_use");
                    self.use_tool(tool);
                    self.enter(AgentState::Thinking, "tool_result");
                }
                Answer::Busy { .. } => {}
                Answer::Text(_) => break,
            }
        }
        self.enter(AgentState::Idle, "answered");
    }

    fn enter(&mut self, state: AgentState<'static>, reason: &str) {
        let change = AgentStateChange::new(self.state, state).reason(reason);
        self.observer.agent(&AgentEvent::StateChange(change));
        self.state = state;
    }

    fn observe_request(&self, id: &str) {
        let request = LlmRequest::new("script", self.model.name(), id)
            .messages_count(self.model.messages())
            .tools_count(2)
            .temperature(0.7)
            .max_tokens(4000);
        self.observer.model(&ModelEvent::Request(request));
    }

    fn observe_answer(&self, id: &str, answer: &Answer) {
        let (usage, duration) = self.model.cost();
        let response = LlmResponse::new(id).usage(usage).duration(duration);
        match answer {
            Answer::Busy { retry_after } => {
                let error = LlmError::new(id, "rate_limit_error", "Rate limit exceeded")
                    .retry_after(*retry_after);
                self.observer.model(&ModelEvent::Error(error));
                let text = "the model is busy, the request is sent again";
                let warning = SystemWarning::new("model_client", text);
                self.observer.bus(&BusEvent::SystemWarning(warning));
            }
            Answer::Tool(tool) => {
                let calls = [ToolUse { tool: tool.name, tool_use_id: tool.id }];
                let response = response
                    .response_type(ResponseType::ToolUse)
                    .tool_calls(&calls)
                    .status(Status::Success);
                self.observer.model(&ModelEvent::Response(response));
            }
            Answer::Text(text) => {
                let response = response.response_type(ResponseType::Text).status(Status::Success);
                self.observer.model(&ModelEvent::Response(response.field("content", *text)));
            }
        }
    }

    fn use_tool(&self, tool: &Tool) {
        let level = match tool.is_dangerous {
            true => PermissionLevel::Dangerous,
            false => PermissionLevel::Normal,
        };
        if tool.is_dangerous {
            let asked = Instant::now();
            agree();
            let answer = ToolPermission::new(tool.id, level, Decision::Approved)
                .decision_time(asked.elapsed());
            self.observer.tool(&ToolEvent::Permission(answer));
        }
        let arguments: [(&str, &dyn Encode); 1] = [("command", &tool.command)];
        let call = ToolCall::new(tool.name, tool.id).arguments(&arguments).permission_level(level);
        self.observer.tool(&ToolEvent::Call(call));
        let began = Instant::now();
        match run(tool) {
            Ok(output) => {
                let result = ToolResult::new(tool.id, Outcome::Success)
                    .output(&output)
                    .duration(began.elapsed());
                self.observer.tool(&ToolEvent::Result(result));
            }
            Err(message) => {
                let error = ToolError::new(tool.id, "execution_error", &message);
                self.observer.tool(&ToolEvent::Error(error));
            }
        }
    }
}
