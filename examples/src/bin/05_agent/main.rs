//! An agent with an action log: what it was asked, what its model and its tools did.
//!
//! The agent in `agent.rs` knows six points at which it tells an observer what happens, and nothing of a
//! log. Here the observer is the log, and a second one prints what goes on. The model of `script.rs` needs
//! no network: it answers from a script.
//!
//! `05_agent` runs the script to its end; `05_agent wait` stays in the middle of a tool, to be stopped
//! with Ctrl+C twice. What was done until then is in the log: nothing has to be flushed.
//! `05_agent resume SESSION` goes on with a session; its actions are numbered on.

mod agent;
mod script;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logloom::action::{ActionLog, Observer, Observers, SessionEvent, ToolEvent};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use agent::Agent;
use script::Script;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    // The settings of `settings.json` where there is one, the document's defaults otherwise.
    let _log = logloom::builder().settings_json(None).init()?;
    let log = Arc::new(ActionLog::new());
    let observers = Observers::new().with(log.clone()).with(Arc::new(Printer));
    let mut agent = Agent::new(Script::new(), Arc::new(observers));

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["resume", id] => agent.resume(id),
        _ => agent.start("examples"),
    }
    if let Some(session) = log.session() {
        writeln!(std::io::stdout(), "session {}", session.id())?;
    }
    agent.ask("list the files and tell me which is the largest");
    match arguments.first().map(String::as_str) {
        Some("wait") => wait_for_ctrl_c()?,
        _ => agent.stop("user_exit"),
    }
    Ok(())
}

/// The first Ctrl+C asks for another one, which ends the process where it stands: no handler of ours
/// flushes anything.
fn wait_for_ctrl_c() -> Outcome {
    let asked = Arc::new(AtomicBool::new(false));
    flag::register_conditional_default(SIGINT, Arc::clone(&asked))?;
    flag::register(SIGINT, Arc::clone(&asked))?;
    let mut out = std::io::stdout();
    writeln!(out, "working; Ctrl+C stops")?;
    let mut has_told = false;
    loop {
        std::thread::park_timeout(std::time::Duration::from_millis(10));
        if asked.load(Ordering::SeqCst) && !has_told {
            has_told = true;
            writeln!(out, "Ctrl+C once more ends the agent")?;
        }
    }
}

/// Another observer beside the log.
struct Printer;

impl Observer for Printer {
    fn session(&self, event: &SessionEvent<'_>) {
        if let SessionEvent::End { reason } = event {
            // A terminal that is gone must not stop the agent.
            let _ = writeln!(std::io::stdout(), "done: {reason}");
        }
    }

    fn tool(&self, event: &ToolEvent<'_>) {
        if let ToolEvent::Call(_) = event {
            let _ = writeln!(std::io::stdout(), "a tool runs");
        }
    }
}
