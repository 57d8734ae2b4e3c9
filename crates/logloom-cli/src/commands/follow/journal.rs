//! The journal of systemd, taken over by `journalctl -o json -f`.
//!
//! Takes its entries in their order, hands each over as a record. How far the journal is in the log
//! travels with the records as a number that counts entries up, as the positions of files do; which
//! cursor a number stands for was noted before its record was handed over (see [`Cursors`]), so that
//! after a kill at any instruction reading goes on behind the last entry that is in the log.
//!
//! Trusted fields of the journal that are not named here are left out, all others are kept. When
//! journalctl ends it is started again, after a while that grows to ten seconds. Blocks, and with it
//! journalctl, while the log cannot be written.

mod cursors;
mod entry;

use std::io::Read;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use logloom_core::emit;
use logloom_intake::{Line, LineAssembler, SourceIdentity};
use logloom_record::SourcePosition;
use logloom_store::Directory;

use super::claims::{Claim, Claims};
use super::positions::{self, Positions};
use crate::args::{FollowArguments, From};
use crate::exit::{Failure, say};
use cursors::Cursors;

const CHUNK_BYTES: usize = 64 << 10;

/// The wait before journalctl is started again, at first and at most.
const WAIT_MIN: Duration = Duration::from_millis(200);
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The journal, as long as it is taken over.
pub(super) struct Journal {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    child: Mutex<Option<Child>>,
    is_stopping: AtomicBool,
    stopped: Condvar,
}

impl Journal {
    /// Begins to take the journal over where that is asked for.
    pub(super) fn start(
        arguments: &FollowArguments,
        positions: &Positions,
        directory: &Directory,
        claims: &mut Claims,
    ) -> Result<Option<Self>, Failure> {
        if !arguments.journal {
            return Ok(None);
        }
        let identity = identity(&arguments.unit);
        let claim = claims
            .claim((identity.device, identity.inode))
            .map_err(|error| Failure::system("note that the journal is followed", error))?;
        if let Claim::Held(pid) = claim {
            return Err(Failure::System(format!(
                "process {pid} follows these units of the journal into this log already: end that one \
                 first, or choose another directory with --dir"
            )));
        }
        let number = positions::number(identity)
            .ok_or_else(|| Failure::System("there is no room for the journal".to_owned()))?;
        let reached = positions.position(identity);
        let cursors = Cursors::open(directory.path(), identity.inode)
            .map_err(|error| Failure::system("note the cursors of the journal", error))?;
        let mut reader = Reader {
            units: arguments.unit.clone(),
            from: arguments.from,
            service: arguments.service.clone(),
            number,
            count: reached.unwrap_or(0),
            cursor: reached.and_then(|reached| cursors.find(reached)),
            cursors,
        };
        if reached.is_some_and(|reached| reached > 0) && reader.cursor.is_none() {
            say("the cursor of the journal is gone: it is read as if for the first time");
        }
        let shared = Arc::new(Shared::default());
        let for_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || reader.run(&for_thread))
            .map_err(|error| Failure::system("start a thread", error))?;
        Ok(Some(Self { shared, thread: Some(thread) }))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::Release);
        if let Some(child) = self.shared.child().as_mut() {
            // It may have ended already.
            let _ = child.kill();
        }
        self.shared.stopped.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the panic itself.
            let _ = thread.join();
        }
    }
}

/// Two choices of units are two sources.
fn identity(units: &[String]) -> SourceIdentity {
    let mut units = units.to_vec();
    units.sort();
    let text = format!("journal\0{}", units.join("\0"));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    SourceIdentity { device: 0, inode: hash, fingerprint: 0 }
}

impl Shared {
    fn child(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Waits unless the end was asked for.
    fn wait(&self, time: Duration) {
        let child = self.child();
        let _ = self.stopped.wait_timeout_while(child, time, |_| !self.is_stopping());
    }
}

/// Reads the journal.
struct Reader {
    units: Vec<String>,
    from: From,
    service: Option<String>,
    /// The number of the source in the segment.
    number: u32,
    /// Entries that were handed over in all lives.
    count: u64,
    /// The cursor of the last of them.
    cursor: Option<String>,
    cursors: Cursors,
}

impl Reader {
    fn run(&mut self, shared: &Shared) {
        let mut wait = WAIT_MIN;
        while !shared.is_stopping() {
            let before = self.count;
            match self.start(shared) {
                Ok(Some(output)) => self.read(output, shared),
                Ok(None) => return,
                Err(error) => say(format_args!("cannot start journalctl: {error}")),
            }
            let ended = shared.child().take().and_then(|mut child| child.wait().ok());
            if shared.is_stopping() {
                return;
            }
            if let Some(status) = ended.filter(|status| !status.success()) {
                say(format_args!("journalctl ended ({status}) and is started again"));
            }
            wait = if self.count > before { WAIT_MIN } else { (wait * 2).min(WAIT_MAX) };
            shared.wait(wait);
        }
    }

    /// `None` when the end was asked for meanwhile.
    fn start(&self, shared: &Shared) -> std::io::Result<Option<ChildStdout>> {
        let mut command = Command::new("journalctl");
        command.args(["--output=json", "--follow", "--all", "--quiet"]);
        match (&self.cursor, self.from) {
            (Some(cursor), _) => command.args(["--no-tail", &format!("--after-cursor={cursor}")]),
            (None, From::Start) => command.arg("--no-tail"),
            (None, From::End) => command.arg("--lines=0"),
        };
        command.args(self.units.iter().map(|unit| format!("--unit={unit}")));
        let mut slot = shared.child();
        if shared.is_stopping() {
            return Ok(None);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take();
        *slot = Some(child);
        Ok(output)
    }

    fn read(&mut self, mut output: ChildStdout, shared: &Shared) {
        let mut lines = LineAssembler::new(0);
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut entries = Vec::new();
        loop {
            match output.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => lines.push(&chunk[..read], &mut |line| entries.push(line)),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
            if shared.is_stopping() {
                return;
            }
            if let Err(error) = self.take(std::mem::take(&mut entries)) {
                say(format_args!("the journal waits: its cursors cannot be noted: {error}"));
                return;
            }
        }
    }

    /// Notes the cursors of the entries, then hands the entries over.
    fn take(&mut self, lines: Vec<Line>) -> std::io::Result<()> {
        let mut noted = Vec::new();
        let mut taken = Vec::new();
        for line in lines {
            let (records, cursor) = entry::read(&line, self.service.as_deref());
            let end = cursor.map(|cursor| {
                self.count += 1;
                noted.push((self.count, cursor));
                self.count
            });
            taken.push((records, end));
        }
        self.cursors.note(&noted)?;
        for (mut records, end) in taken {
            if let (Some(last), Some(end)) = (records.last_mut(), end) {
                last.source = Some(SourcePosition { source: self.number, end });
            }
            emit::together(&records);
        }
        if let Some((_, cursor)) = noted.pop() {
            self.cursor = Some(cursor);
        }
        Ok(())
    }
}
