//! `kill -9` in the middle of the work: every record whose call had returned is in the log.
//!
//! The program starts itself again as the victim. The victim logs and, after each call, says on its
//! standard output how far it has come; in the middle of that it is killed. Then logging starts in
//! the first process, whose library finds what the dead one left and writes it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use logloom::info;
use logloom::settings::Policy;

/// Records the victim is allowed to acknowledge before it is killed.
const ACKNOWLEDGED_MIN: usize = 10_000;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("victim") => victim(),
        _ => killer(),
    }
}

fn victim() -> Outcome {
    // Nothing may be dropped, however fast the loop is.
    let _log = logloom::builder().overflow(Policy::Block).init()?;
    let mut acknowledge = std::io::stdout().lock();
    for number in 0_u64.. {
        info!(number, "work done");
        writeln!(acknowledge, "{number}")?;
    }
    Ok(())
}

fn killer() -> Outcome {
    let mut victim =
        Command::new(std::env::current_exe()?).arg("victim").stdout(Stdio::piped()).spawn()?;
    let output = victim.stdout.take().ok_or("the victim has no output")?;
    let mut acknowledged = 0;
    for line in BufReader::new(output).lines() {
        // The last line may have been cut by the kill.
        if line?.parse::<u64>().is_ok() {
            acknowledged += 1;
        }
        if acknowledged == ACKNOWLEDGED_MIN {
            victim.kill()?;
        }
    }
    let status = victim.wait()?;

    let _log = logloom::init()?;
    info!(acknowledged, status = %status, "the victim is dead");
    let found = wait_for(acknowledged)?;
    writeln!(std::io::stdout(), "acknowledged {acknowledged}, found {found}")?;
    Ok(())
}

/// Waits until the log holds this many records of the victim; recovery takes about a second.
fn wait_for(acknowledged: usize) -> Result<usize, Box<dyn std::error::Error>> {
    let dir = logloom::log_dir().ok_or("there is no log directory")?;
    for _ in 0..1_200 {
        let mut found = 0;
        for entry in std::fs::read_dir(&dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                found += std::fs::read_to_string(path)?.matches("\"work done\"").count();
            }
        }
        if found >= acknowledged {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("records are missing after a minute".into())
}
