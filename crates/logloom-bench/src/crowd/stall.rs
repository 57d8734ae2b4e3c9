//! A disk that stands still under four threads at full rate, for each overflow policy.
//!
//! The log lies on a file system of its own. It is frozen, so that every write waits, or where that is
//! not permitted filled up, so that every write fails; then it is set free. Kept records and told
//! losses must make up exactly the calls, no ERROR may be missing, and memory stays bounded.
//! Whole lines that went to the standard error, the last resort, count as kept.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::disk::Disk;
use super::{Options, end};
use crate::proof::oracle::Verdict;
use crate::proof::party::{End, Role};
use crate::proof::stage::{PATIENCE, Stage};
use crate::proof::{Outcome, failed, say, scratch, tell};

/// Every overflow policy.
pub(crate) const POLICIES: [&str; 5] =
    ["discard", "block", "discard_low_level", "drop_oldest", "block_with_timeout"];
/// Time at full rate before and after the standstill.
const RUN_UP: Duration = Duration::from_millis(500);
/// Rings of 4 threads, staging, and the program itself.
const MEMORY_KIB_MAX: u64 = 64 << 10;
/// How long the drain may take afterwards.
const DRAIN: Duration = Duration::from_secs(60);

/// Runs the standstills.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let seconds = options.seconds.unwrap_or(10);
    let scratch = scratch(options.dir.clone(), "stall")?;
    let mut holds = true;
    for policy in POLICIES {
        if options.policy.as_deref().is_some_and(|wanted| wanted != policy) {
            continue;
        }
        let stage = Stage::new(&scratch, policy)?;
        match Disk::mount(&stage.log()) {
            Ok(disk) => holds &= one(stage, &disk, policy, seconds)?,
            Err(reason) => {
                say(&serde_json::json!({
                    "bench": "stall", "policy": policy, "skipped": reason,
                }));
                stage.remove();
            }
        }
    }
    // Only when nothing was kept in it.
    let _ = std::fs::remove_dir(scratch);
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(mut stage: Stage, disk: &Disk, policy: &str, seconds: u64) -> Outcome<bool> {
    let mut order = stage.order(Role::Write);
    order.threads = 4;
    order.burst = 64;
    order.pause_us = 0;
    order.days = false;
    order.ring = 512 << 10;
    order.max_file_size = 1 << 30;
    order.policy = policy.to_owned();
    let mut program = stage.start(&order, None)?;
    program.wait_ready(PATIENCE);
    std::thread::sleep(RUN_UP);
    disk.stall(true)?;
    std::thread::sleep(Duration::from_secs(seconds));
    let memory = peak_memory_kib(program.id());
    disk.stall(false)?;
    std::thread::sleep(RUN_UP);
    let ended = program.finish(DRAIN);
    let recovered = stage.recover_all()?;
    take_standard_error(&stage)?;
    let verdict = stage.judge()?;
    let is_exact = verdict.found + verdict.told == verdict.acknowledged;
    // Who blocks drops nothing, told or not.
    let keeps_its_word = policy != "block" || verdict.told == 0;
    let holds = is_exact
        && keeps_its_word
        && verdict.lost_errors == 0
        && verdict.duplicated == 0
        && verdict.torn == 0
        && recovered
        && ended == End::Well
        && memory <= MEMORY_KIB_MAX;
    report(policy, disk, &verdict, memory, ended, holds);
    if !holds {
        disk.keep(&stage.base.join("kept"))?;
    }
    disk.unmount();
    end(stage, holds);
    Ok(holds)
}

fn report(policy: &str, disk: &Disk, verdict: &Verdict, memory: u64, ended: End, holds: bool) {
    say(&serde_json::json!({
        "bench": "stall", "policy": policy, "by": disk.method(), "calls": verdict.acknowledged,
        "kept": verdict.found, "told": verdict.told, "errors_lost": verdict.lost_errors,
        "duplicated": verdict.duplicated, "torn": verdict.torn, "memory_kib_max": memory,
        "hung": u64::from(ended != End::Well), "holds": holds,
    }));
    if verdict.found + verdict.told != verdict.acknowledged || verdict.lost_errors > 0 {
        verdict.examples.iter().for_each(tell);
    }
}

/// Most memory that the process has had resident, its shared memory included.
fn peak_memory_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(u64::MAX)
}

/// Puts the lines that went to the standard error beside the day files.
fn take_standard_error(stage: &Stage) -> Outcome<()> {
    let text = std::fs::read(stage.base.join("errors")).unwrap_or_default();
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let records: Vec<&[u8]> = lines.filter(|line| line.starts_with(b"{\"timestamp\"")).collect();
    if records.is_empty() {
        return Ok(());
    }
    append(&stage.log().join("standard-error.jsonl"), &records.concat())
}

fn append(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes));
    written.map_err(failed("keep the lines of the standard error"))
}
