//! What the processes of a proof do. Each ends when its standard input does.

use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use logloom_core::settings::{Policy, RingDir, Settings};
use logloom_core::{Handle, recovery, runtime};
use logloom_ring::process::run_in_fork;
use logloom_store::read::{Follow, Start};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, FileState, NoSegments, Options, StoreSettings};

use super::board::Board;
use super::content::Mark;
use super::party::{Order, Role};
use super::{Outcome, failed, followed};

mod boot;

/// Records are let go within this time at an orderly end.
const DRAIN: Duration = Duration::from_secs(20);
/// A follower that is told to end has seen everything when nothing comes for this long; an order's
/// `limit` makes it longer.
const LAST_LOOK_MS: u64 = 60;
/// Name of a follower's cursor.
const CURSOR: &str = "proof";
/// Board entry of the first fork child; each has one of its own.
pub(crate) const FIRST_CHILD: u64 = 64;
/// Records that a fork child logs.
pub(crate) const RECORDS_OF_CHILD: u64 = 3;

/// Does what `words` order.
pub(crate) fn run(words: &str) -> Outcome<ExitCode> {
    let order: Order = serde_json::from_str(words).map_err(failed("read the order"))?;
    match order.role {
        Role::Write => write(&order),
        Role::Recover => recover(&order),
        Role::Sweep => sweep(&order),
        Role::Seal => seal(&order),
        Role::Follow => follow(&order),
        Role::Boot => boot::run(&order),
        Role::Fork => fork(&order),
    }
}

/// A flag that is set when the standard input ends.
fn end_of_input() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    let flag = ended.clone();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        // An error is an end as well.
        let _ = std::io::stdin().read_to_end(&mut rest);
        flag.store(true, Ordering::Release);
    });
    ended
}

fn say_ready() {
    let mut out = std::io::stdout();
    // Nobody may be listening.
    let _ = out.write_all(b".").and_then(|()| out.flush());
}

fn start(order: &Order) -> Outcome<Handle> {
    let mut settings = Settings { service: "proof".to_owned(), ..Settings::default() };
    settings.store.dir = vec![order.dir.clone()];
    settings.store.ring_dir = RingDir::Path(order.rings.clone());
    settings.store.max_file_size = order.max_file_size;
    settings.ring.bytes_per_thread = order.ring;
    settings.ring.error_bytes_per_thread = order.ring;
    settings.batch.max_batch_bytes = order.batch;
    settings.overflow.default =
        Policy::parse(&order.policy).map_err(|unknown| unknown.to_string())?;
    runtime::start(settings, &[]).map_err(failed("start logging"))
}

fn write(order: &Order) -> Outcome<ExitCode> {
    let board = Board::open(&order.board)?;
    let ended = end_of_input();
    let handle = start(order)?;
    say_ready();
    std::thread::scope(|scope| {
        for thread in 0..order.threads {
            let (board, ended) = (&board, &*ended);
            scope.spawn(move || log(order, thread, board, ended));
        }
    });
    let remaining = handle.stop(DRAIN);
    Ok(if remaining.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Logs in runs of `burst` calls, acknowledged when all of them have returned.
fn log(order: &Order, thread: u64, board: &Board, ended: &AtomicBool) {
    let mut number = 0;
    let last = if order.limit == 0 { u64::MAX } else { order.limit };
    while number < last && !ended.load(Ordering::Acquire) {
        let until = (number + order.burst).min(last);
        noted(board.begin(thread, until));
        while number < until {
            number += 1;
            Mark { run: order.run, thread, number }.log(order.days);
        }
        noted(board.returned(thread, number));
        if order.pause_us > 0 {
            std::thread::park_timeout(Duration::from_micros(order.pause_us));
        }
    }
}

/// Without its acknowledgements a run proves nothing, so that it ends in a way that is noticed.
fn noted(outcome: Outcome<()>) {
    if let Err(problem) = outcome {
        super::tell(&problem);
        std::process::abort();
    }
}

fn open(order: &Order) -> Outcome<Directory> {
    // As the writers have it: whoever comes first makes the directory.
    let settings = StoreSettings { max_file_size: order.max_file_size, ..StoreSettings::default() };
    let options = Options { settings, ..Options::default() };
    Directory::open(&order.dir, options, Arc::new(LinuxPlatform))
        .map_err(failed("open the log directory"))
}

fn recover(order: &Order) -> Outcome<ExitCode> {
    let directory = open(order)?;
    let report = recovery::sweep(&directory);
    recovery::tidy(&order.rings);
    report.problems.iter().for_each(super::tell);
    let left = directory.writers().map_err(failed("list the writers"))?;
    let done = report.problems.is_empty() && left.is_empty();
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn sweep(order: &Order) -> Outcome<ExitCode> {
    let ended = end_of_input();
    let directory = open(order)?;
    say_ready();
    while !ended.load(Ordering::Acquire) {
        recovery::sweep(&directory).problems.iter().for_each(super::tell);
        std::thread::park_timeout(Duration::from_millis(2));
    }
    Ok(ExitCode::SUCCESS)
}

fn seal(order: &Order) -> Outcome<ExitCode> {
    let ended = end_of_input();
    let directory = open(order)?;
    say_ready();
    while !ended.load(Ordering::Acquire) {
        let snapshot = directory.snapshot(logloom_store::read::Order::NewestFirst);
        let snapshot = snapshot.map_err(failed("look at the files"))?;
        let open = snapshot.files.iter().find(|file| file.state == FileState::Open);
        if let Some(file) = open.filter(|file| file.committed > 0) {
            // Busy at times: the writers are at it too.
            let _ = directory.seal(file.key, &NoSegments);
        }
        std::thread::park_timeout(Duration::from_millis(3));
    }
    Ok(ExitCode::SUCCESS)
}

fn follow(order: &Order) -> Outcome<ExitCode> {
    let ended = end_of_input();
    let directory = open_reader(&order.dir)?;
    let cursor = directory.load_cursor(CURSOR).map_err(failed("load the cursor"))?;
    let begin = cursor.map_or(Start::Beginning, Start::Cursor);
    let mut follow = Follow::new(&directory, begin).map_err(failed("follow"))?;
    let notes = std::fs::OpenOptions::new().create(true).append(true).open(&order.board);
    let mut notes = notes.map_err(failed("open the notes"))?;
    notes.write_all(followed::BEGINS.as_bytes()).map_err(failed("take notes"))?;
    say_ready();
    loop {
        // Asked before reading: what was committed before the end is read after it.
        let is_last = ended.load(Ordering::Acquire);
        let patience = if is_last { order.limit.max(LAST_LOOK_MS) } else { 20 };
        let batch = follow.next_batch(Duration::from_millis(patience));
        let Some(batch) = batch.map_err(failed("read on"))? else {
            if is_last {
                return Ok(ExitCode::SUCCESS);
            }
            continue;
        };
        let name = batch.key.file_name();
        let text: String =
            batch.lines().map(|(offset, line)| followed::note(&name, offset, line)).collect();
        notes.write_all(text.as_bytes()).map_err(failed("take notes"))?;
        directory.save_cursor(CURSOR, &follow.cursor()).map_err(failed("save the cursor"))?;
        notes.write_all(followed::SAVED.as_bytes()).map_err(failed("take notes"))?;
    }
}

/// Waits for the directory, which a writer is about to make.
fn open_reader(path: &Path) -> Outcome<Directory> {
    let start = Instant::now();
    loop {
        match Directory::open(path, Options::reader(), Arc::new(LinuxPlatform)) {
            Ok(directory) => return Ok(directory),
            Err(error) if start.elapsed() > DRAIN => return Err(error.to_string()),
            Err(_) => std::thread::park_timeout(Duration::from_millis(1)),
        }
    }
}

/// Forks `limit` children one after another, while the threads log; prints how long each child's
/// first record took, in nanoseconds.
fn fork(order: &Order) -> Outcome<ExitCode> {
    let board = Board::open(&order.board)?;
    let ended = AtomicBool::new(false);
    let handle = start(order)?;
    let endless = Order { limit: 0, ..order.clone() };
    let outcome = std::thread::scope(|scope| {
        for thread in 0..order.threads {
            let (board, ended, endless) = (&board, &ended, &endless);
            scope.spawn(move || log(endless, thread, board, ended));
        }
        let outcome = (0..order.limit).try_for_each(|child| fork_one(order, &board, child));
        ended.store(true, Ordering::Release);
        outcome
    });
    outcome?;
    let remaining = handle.stop(DRAIN);
    Ok(if remaining.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn fork_one(order: &Order, board: &Board, child: u64) -> Outcome<()> {
    let thread = FIRST_CHILD + child;
    let status = run_in_fork(|| {
        for number in 1..=RECORDS_OF_CHILD {
            let mark = Mark { run: order.run, thread, number };
            noted(board.begin(thread, number));
            let start = Instant::now();
            mark.log(false);
            let taken = start.elapsed().as_nanos() as u64;
            noted(board.returned(thread, number));
            if number == 1 {
                // One write of one line, so that no half is seen.
                let _ = std::io::stdout().write_all(format!("{taken}\n").as_bytes());
                let _ = std::io::stdout().flush();
            }
        }
    });
    match status.map_err(failed("fork"))? {
        0 => Ok(()),
        status => Err(format!("fork child {child} ended with wait status {status:#x}")),
    }
}
