//! Counts for a report, action by action.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::histogram::Histogram;
use super::open::Open;
use super::{NAMES_MAX, OPEN_MAX, RUNS_MAX, Report, STORM_FAILURES};
use crate::actions::view::ActionView;

/// Sessions that are told apart.
const SESSIONS_MAX: usize = 1_000_000;

/// Storms that are told.
const STORMS_MAX: usize = 100;

/// What one model did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelUse {
    /// Its name; `-` where none was said.
    pub name: String,
    /// Requests.
    pub requests: u64,
    /// Answers.
    pub responses: u64,
    /// Errors.
    pub errors: u64,
    /// Errors because of a limit of the provider.
    pub rate_limits: u64,
    /// Tokens that answers say they read; `None` where none says.
    pub input_tokens: Option<u64>,
    /// Tokens of these that came from a cache.
    pub cache_read_tokens: Option<u64>,
    /// Tokens that answers say they wrote.
    pub output_tokens: Option<u64>,
    /// What answers say they cost, in dollars.
    pub cost_usd: Option<f64>,
    /// How long answers took.
    pub durations: Histogram,
}

/// What one tool did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolUse {
    /// Its name; `-` where its call was not found.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Calls that the user was asked about.
    pub asked: u64,
    /// Calls of these that the user denied.
    pub denied: u64,
    /// How long calls took.
    pub durations: Histogram,
}

/// One call that failed again and again with nothing changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Storm {
    /// The session.
    pub session_id: String,
    /// The tool; `model` for requests to a model.
    pub what: String,
    /// Failures in a row.
    pub failures: u64,
    /// The first of them, nanoseconds since 1970.
    pub first_ns: i64,
    /// The last of them.
    pub last_ns: i64,
    /// What the last one said.
    pub error: String,
}

/// What the user was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PermissionUse {
    /// Questions.
    pub asked: u64,
    /// Denials.
    pub denied: u64,
    /// How long answers took.
    pub waits: Histogram,
}

/// A call whose end has not come.
#[derive(Debug)]
struct Call {
    tool: String,
    time_ns: i64,
    /// The same for the same arguments.
    arguments: u64,
}

#[derive(Debug)]
struct Request {
    model: String,
    time_ns: i64,
}

pub(super) struct Gathered {
    report: Report,
    sessions: HashSet<u64>,
    models: HashMap<String, ModelUse>,
    tools: HashMap<String, ToolUse>,
    calls: Open<Call>,
    requests: Open<Request>,
    /// Failures in a row, by session, tool and arguments.
    runs: Open<Storm>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            report: Report::default(),
            sessions: HashSet::new(),
            models: HashMap::new(),
            tools: HashMap::new(),
            calls: Open::new(OPEN_MAX),
            requests: Open::new(OPEN_MAX),
            runs: Open::new(RUNS_MAX),
        }
    }
}

impl Gathered {
    pub(super) fn add(&mut self, action: &ActionView<'_>, time_ns: i64) {
        self.report.actions += 1;
        self.report.errors += u64::from(action.is_error());
        let session = action.session_id();
        if !session.is_empty() && self.sessions.len() < SESSIONS_MAX {
            self.sessions.insert(hash(&session));
        }
        match action.action_type().as_ref() {
            "llm_request" => self.request(action, time_ns),
            "llm_response" => self.response(action, time_ns),
            "llm_error" => self.model_error(action, time_ns),
            "tool_call" => self.call(action, time_ns),
            "tool_result" | "tool_error" => self.call_end(action, time_ns),
            "tool_permission" => self.permission(action),
            _ => {}
        }
    }

    fn request(&mut self, action: &ActionView<'_>, time_ns: i64) {
        let model = action.text("model").into_owned();
        named(&mut self.models, &model).requests += 1;
        let id = action.text("request_id");
        if !id.is_empty() {
            self.requests.begin(id.into_owned(), Request { model, time_ns });
        }
    }

    /// The model of an answer and when it was asked, as far as they are known.
    fn asked(&mut self, action: &ActionView<'_>) -> (String, Option<i64>) {
        let own = action.text("model").into_owned();
        match self.requests.end(&action.text("request_id")) {
            Some(request) if own.is_empty() => (request.model, Some(request.time_ns)),
            Some(request) => (own, Some(request.time_ns)),
            None => (own, None),
        }
    }

    fn response(&mut self, action: &ActionView<'_>, time_ns: i64) {
        let (model, asked_ns) = self.asked(action);
        let model = named(&mut self.models, &model);
        model.responses += 1;
        add(&mut model.input_tokens, action.count("input_tokens"));
        add(&mut model.output_tokens, action.count("output_tokens"));
        add(&mut model.cache_read_tokens, action.count("cache_read_tokens"));
        if let Some(cost) = action.number("cost_usd") {
            model.cost_usd = Some(model.cost_usd.unwrap_or(0.0) + cost);
        }
        if let Some(took) = action.number("duration_ms").or_else(|| since(asked_ns, time_ns)) {
            model.durations.add(took);
        }
        self.end_run(&run_name(action, "model", 0));
    }

    fn model_error(&mut self, action: &ActionView<'_>, time_ns: i64) {
        let (model, _) = self.asked(action);
        let model = named(&mut self.models, &model);
        model.errors += 1;
        model.rate_limits += u64::from(action.text("error_type").contains("rate_limit"));
        self.failed(action, time_ns, "model", 0);
    }

    fn call(&mut self, action: &ActionView<'_>, time_ns: i64) {
        let tool = action.text("tool_name").into_owned();
        named(&mut self.tools, &tool).calls += 1;
        let id = action.text("tool_use_id");
        if !id.is_empty() {
            let arguments = action.get("args").map_or(0, |args| hash(&args.text()));
            self.calls.begin(id.into_owned(), Call { tool, time_ns, arguments });
        }
    }

    fn call_end(&mut self, action: &ActionView<'_>, time_ns: i64) {
        let call = self.calls.end(&action.text("tool_use_id"));
        let own = action.text("tool_name");
        let tool = match &call {
            Some(call) if own.is_empty() => call.tool.clone(),
            _ => own.into_owned(),
        };
        let used = named(&mut self.tools, &tool);
        let called_ns = call.as_ref().map(|call| call.time_ns);
        if let Some(took) = action.number("duration_ms").or_else(|| since(called_ns, time_ns)) {
            used.durations.add(took);
        }
        let has_failed = action.is_error()
            || matches!(action.status().as_ref(), "failure" | "timeout")
            || action.text("success") == "false";
        used.errors += u64::from(has_failed);
        let arguments = call.map_or(0, |call| call.arguments);
        match has_failed {
            true => self.failed(action, time_ns, &tool, arguments),
            false => self.end_run(&run_name(action, &tool, arguments)),
        }
    }

    fn permission(&mut self, action: &ActionView<'_>) {
        let is_denied = matches!(
            action.text("user_decision").as_ref(),
            "denied" | "deny" | "rejected" | "reject" | "no"
        );
        let permissions = &mut self.report.permissions;
        permissions.asked += 1;
        permissions.denied += u64::from(is_denied);
        if let Some(waited) = action.number("decision_time_ms") {
            permissions.waits.add(waited);
        }
        if let Some(call) = self.calls.get(&action.text("tool_use_id")) {
            let tool = named(&mut self.tools, &call.tool);
            tool.asked += 1;
            tool.denied += u64::from(is_denied);
        }
    }

    fn failed(&mut self, action: &ActionView<'_>, time_ns: i64, what: &str, arguments: u64) {
        let name = run_name(action, what, arguments);
        if self.runs.get(&name).is_none() {
            let storm = Storm {
                session_id: action.session_id().into_owned(),
                what: what.to_owned(),
                first_ns: time_ns,
                ..Storm::default()
            };
            self.runs.begin(name.clone(), storm);
        }
        if let Some(run) = self.runs.get_mut(&name) {
            run.failures += 1;
            run.last_ns = time_ns;
            run.error = action.text("error_message").into_owned();
        }
    }

    fn end_run(&mut self, name: &str) {
        if let Some(run) = self.runs.end(name) {
            self.tell_storm(run);
        }
    }

    fn tell_storm(&mut self, run: Storm) {
        if run.failures < STORM_FAILURES {
            return;
        }
        let storms = &mut self.report.storms;
        storms.push(run);
        storms.sort_by_key(|storm| std::cmp::Reverse(storm.failures));
        storms.truncate(STORMS_MAX);
    }

    pub(super) fn finish(mut self) -> Report {
        let runs = std::mem::replace(&mut self.runs, Open::new(1));
        for run in runs.into_all() {
            if run.failures >= STORM_FAILURES {
                self.report.storms.push(run);
            }
        }
        let mut report = self.report;
        report
            .storms
            .sort_by(|a, b| b.failures.cmp(&a.failures).then_with(|| a.first_ns.cmp(&b.first_ns)));
        report.storms.truncate(STORMS_MAX);
        report.sessions = self.sessions.len() as u64;
        report.models = self.models.into_values().collect();
        let tokens = |model: &ModelUse| {
            model.input_tokens.unwrap_or(0).saturating_add(model.output_tokens.unwrap_or(0))
        };
        report.models.sort_by(|a, b| tokens(b).cmp(&tokens(a)).then_with(|| a.name.cmp(&b.name)));
        report.tools = self.tools.into_values().collect();
        report.tools.sort_by(|a, b| {
            let by_time = b.durations.sum_ms.total_cmp(&a.durations.sum_ms);
            by_time.then_with(|| b.calls.cmp(&a.calls)).then_with(|| a.name.cmp(&b.name))
        });
        report
    }
}

/// What has a name of its own.
trait Named: Default {
    fn with_name(name: &str) -> Self;
}

impl Named for ModelUse {
    fn with_name(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl Named for ToolUse {
    fn with_name(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// The entry of a name; one too many counts as having none.
fn named<'a, T: Named>(all: &'a mut HashMap<String, T>, name: &str) -> &'a mut T {
    let is_new = !all.contains_key(name);
    let name = if name.is_empty() || (is_new && all.len() >= NAMES_MAX) { "-" } else { name };
    all.entry(name.to_owned()).or_insert_with(|| T::with_name(name))
}

fn add(sum: &mut Option<u64>, count: Option<u64>) {
    if let Some(count) = count {
        *sum = Some(sum.unwrap_or(0).saturating_add(count));
    }
}

/// Milliseconds between two moments.
fn since(from: Option<i64>, to: i64) -> Option<f64> {
    Some(to.saturating_sub(from?) as f64 / 1e6)
}

fn run_name(action: &ActionView<'_>, what: &str, arguments: u64) -> String {
    format!("{}\u{0}{what}\u{0}{arguments:x}", action.session_id())
}

fn hash(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}
