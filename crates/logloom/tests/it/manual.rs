//! The programs of `docs/library.md` and `docs/action-log.md`, each in a module and in a process of its own: what a page shows
//! is what is compiled and run here, word for word.

use std::path::Path;
use std::process::Command;

use super::day_file::lines;

/// Says which program the child shall run.
const PROGRAM: &str = "LOGLOOM_TEST_PAGE";

type Main = fn() -> Result<(), Box<dyn std::error::Error>>;

/// Each program of the pages, in its order, and how many records it leaves.
const PROGRAMS: &[(&str, Main, usize)] = &[
    ("start", start::MAIN, 1),
    ("calls", calls::MAIN, 6),
    ("levels", levels::MAIN, 1),
    ("scope", scope::MAIN, 4),
    ("others", others::MAIN, 2),
    ("watch", watch::MAIN, 0),
    ("agent", agent::MAIN, 5),
];

mod start {
    use logloom::info;

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::init()?;
        info!(user_id = 42, latency_ms = 7.5, "signed in");
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

mod calls {
    use logloom::{Level, error, event, info, warn};

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::init()?;
        let (user_id, latency_ms, path) = (42, 7.5, std::path::Path::new("/a"));
        info!("the message alone");
        info!(user_id, latency_ms, "user {user_id} waited {latency_ms} ms");
        warn!(path = %path.display(), http.status = 503);
        info!(target: "shop.payments", paid = true, "{} of {}", 1, 2);
        if let Err(error) = "x".parse::<u32>() {
            error!(error, "no number: {error}");
        }
        event!(Level::Fatal, "the program cannot go on");
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

mod levels {
    use logloom::{Level, debug, info};

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::init()?;
        logloom::set_default_level(Level::Warn)?;
        logloom::set_level("shop.payments", Level::Debug)?;
        info!("is not recorded any more");
        debug!(target: "shop::payments::card", "is recorded: beneath shop.payments");
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

mod scope {
    use logloom::context::{Context, FutureExt};
    use logloom::info;

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::init()?;
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let request = Context::from_traceparent(header)
            .unwrap_or_else(|_| Context::new_trace())
            .child_span()
            .session_id("s-17")
            .field("user_id", 42);

        {
            // This thread, until it is dropped.
            let _scope = request.enter();
            info!("carries trace_id, span_id, session_id, user_id");
            Context::new().field("step", 2).in_scope(|| info!("carries step as well"));
            // The header for the next service.
            let send_on = Context::current().to_traceparent();
            info!(send_on);
        }
        let worker = request.spawn(|| info!("on a thread of its own"));
        worker.join().expect("the thread has not panicked");
        let _task = async { info!("on whichever thread polls it") }.in_context(&request);
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

mod others {
    use tracing_subscriber::layer::SubscriberExt as _;

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::init()?;
        // Feature `tracing`.
        let subscriber = tracing_subscriber::registry().with(logloom::tracing_layer());
        tracing::subscriber::set_global_default(subscriber)?;
        // Feature `log`.
        logloom::log_backend::install()?;

        tracing::info_span!("request", user_id = 42).in_scope(|| tracing::info!("in a span"));
        log::warn!(attempts = 3; "the cache is cold");
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

mod watch {
    use std::time::Duration;

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::init()?;
        logloom::on_alert(|alert| eprintln!("logging: {alert}"))?;
        let remaining = logloom::flush(Duration::from_millis(500));
        assert!(remaining.is_empty());
        let metrics = logloom::metrics();
        assert_eq!(metrics.dropped_total(), 0);
        assert!(metrics.prometheus().contains("logloom_queue_size"));
        assert_eq!(logloom::state(), logloom::State::Running);
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

mod agent {
    use std::time::Duration;

    use logloom::action::{Outcome, Session, ToolCall, ToolResult, UserInput};

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let _log = logloom::builder().settings_json(None).init()?;
        let session = Session::builder().project("my-project").metadata("os", "linux").start();
        let turn = session.execution();
        UserInput::new("list the files").log(&turn);
        ToolCall::new("bash", "toolu_1").arguments(&[("command", &"ls -la")]).log(&turn);
        ToolResult::new("toolu_1", Outcome::Success)
            .output("README.md")
            .duration(Duration::from_millis(123))
            .log(&turn);
        session.end("user_exit");
        Ok(())
    }

    pub(super) const MAIN: super::Main = main;
}

/// What a child does; in the parent's run there is nothing to do.
#[test]
fn program() {
    let Ok(name) = std::env::var(PROGRAM) else { return };
    let (_, main, _) = PROGRAMS.iter().find(|(known, ..)| *known == name).unwrap();
    main().unwrap();
}

#[test]
fn every_program_of_the_page_runs() {
    for (name, _, records) in PROGRAMS {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["manual::program", "--exact", "--nocapture"])
            .current_dir(dir.path())
            .env_clear()
            .envs([(PROGRAM, *name), ("LOGLOOM__STORE__DIR", "./log")])
            .env("HOME", dir.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {output:?}");
        let lines = lines(&log);
        assert_eq!(lines.len(), *records, "{name}: {lines:?}");
    }
}

#[test]
fn the_page_shows_the_programs_of_this_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = |name: &str| std::fs::read_to_string(root.join("../../docs").join(name)).unwrap();
    let page = page("library.md") + &page("action-log.md");
    let shown: Vec<&str> = page
        .split("```rust\n")
        .skip(1)
        .map(|rest| rest.split_once("```").expect("a block ends").0)
        .collect();
    assert_eq!(shown.len(), PROGRAMS.len(), "a program here for each block of the page");
    for (block, (name, ..)) in shown.iter().zip(PROGRAMS) {
        let indented: String = block
            .lines()
            .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
            .collect();
        let module = format!("mod {name} {{\n{indented}\n    pub(super) const MAIN");
        assert!(include_str!("manual.rs").contains(&module), "not as in module {name}:\n{block}");
    }
}
