//! rsyslog and syslog-ng on the same file, as their manuals advise.
//!
//! Takes an input, runs the daemon on it in the foreground with a configuration of its own and
//! nothing of the machine's, and waits until its output has as many lines as the input. A daemon that
//! is not here is left out with a message; `make bench` unpacks both.
//!
//! rsyslog reads with `imfile` by inotify, with a queue and batches as its manual advises for
//! throughput; it does not take plain lines apart, so that it does less than the others there, and
//! takes JSON apart with `mmjsonparse`. syslog-ng reads with its `file` source, parses the system
//! log, or JSON with `json-parser`, and has the window and fetch limit that its manual advises.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::import::{Input, Made};

/// How long a daemon may take; far longer than any does here.
const PATIENCE: Duration = Duration::from_secs(300);

const LOOK: Duration = Duration::from_millis(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsyslog,
    SyslogNg,
}

/// A daemon that is installed.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) version: String,
    kind: Kind,
    program: PathBuf,
}

/// Those that are here: installed, or unpacked in the build folder, because Debian has them exclude
/// each other.
pub(super) fn find(target: &Path) -> Vec<Peer> {
    let wanted =
        [("rsyslog", Kind::Rsyslog, "rsyslogd"), ("syslog-ng", Kind::SyslogNg, "syslog-ng")];
    let found = wanted.into_iter().filter_map(|(name, kind, program)| {
        let roots = [PathBuf::from("/"), target.join("peers").join(name)];
        let mut places = roots.into_iter().map(|root| root.join("usr/sbin").join(program));
        let Some(program) = places.find(|path| path.is_file()) else {
            crate::proof::tell(&format!(
                "{name} is not here and is left out; see scripts/needs.sh"
            ));
            return None;
        };
        let peer = Peer { name, version: String::new(), kind, program };
        let flag = if kind == Kind::Rsyslog { "-v" } else { "--version" };
        let told = peer.command().arg(flag).output().ok()?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let digits = |word: &&str| {
            word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit())
        };
        let version = told.split([' ', '(', ')', '\n']).find(digits).unwrap_or_default().to_owned();
        Some(Peer { version, ..peer })
    });
    found.collect()
}

impl Peer {
    /// From the start to the last line in the output.
    pub(super) fn run(&self, made: &Made, folder: &Path) -> Result<Duration, String> {
        let work = folder.join(self.name);
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work).map_err(|error| format!("make {}: {error}", work.display()))?;
        let (out, configuration) = (work.join("out.json"), work.join("conf"));
        let text = match self.kind {
            Kind::Rsyslog => self.rsyslog(made, &work, &out),
            Kind::SyslogNg => syslog_ng(made, &out),
        };
        fs::write(&configuration, text).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        let mut daemon = self.start(&work, &configuration)?;
        let outcome = await_lines(&mut daemon, &out, made.lines);
        let elapsed = begun.elapsed();
        // It may have ended by itself, which the outcome says.
        let _ = daemon.kill();
        let _ = daemon.wait();
        let _ = fs::remove_dir_all(&work);
        outcome.map(|()| elapsed)
    }

    /// The program, told where its own libraries lie when it is not installed.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(libraries) = self.libraries() {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }

    fn start(&self, work: &Path, configuration: &Path) -> Result<Child, String> {
        let mut command = self.command();
        match self.kind {
            Kind::Rsyslog => {
                command.arg("-n").arg("-i").arg(work.join("pid")).arg("-f").arg(configuration);
                if let Some(modules) = self.libraries() {
                    command.arg("-M").arg(modules);
                }
            }
            Kind::SyslogNg => {
                command.args(["-F", "--no-caps", "-f"]).arg(configuration);
                if let Some(libraries) = self.libraries() {
                    command.arg("--module-path").arg(libraries.join("3.38"));
                }
                for (flag, name) in
                    [("--persist-file", "persist"), ("--pidfile", "pid"), ("--control", "control")]
                {
                    command.arg(flag).arg(work.join(name));
                }
            }
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program.display()))
    }

    /// The folder of its modules where the program lies unpacked and not installed.
    fn libraries(&self) -> Option<PathBuf> {
        let root = self.program.parent()?.parent()?.join("lib");
        if root == Path::new("/usr/lib") {
            return None;
        }
        let folders = fs::read_dir(&root).ok()?.flatten().map(|entry| entry.path().join(self.name));
        folders.chain([root.join(self.name)]).find(|path| path.is_dir())
    }

    fn rsyslog(&self, made: &Made, work: &Path, out: &Path) -> String {
        let (module, action, message) = match made.input {
            Input::Plain => ("", "", r#"property(outname="message" name="msg" format="jsonf")"#),
            Input::Json => (
                "module(load=\"mmjsonparse\")\n",
                "action(type=\"mmjsonparse\" cookie=\"\")\n",
                r#"property(name="$!all-json-plain")"#,
            ),
        };
        let template = match made.input {
            Input::Plain => format!(
                "template(name=\"line\" type=\"list\" option.jsonf=\"on\") {{\n\
                 property(outname=\"timestamp\" name=\"timereported\" dateFormat=\"rfc3339\" format=\"jsonf\")\n\
                 property(outname=\"level\" name=\"syslogseverity-text\" format=\"jsonf\")\n\
                 property(outname=\"service\" name=\"programname\" format=\"jsonf\")\n{message}\n}}\n"
            ),
            Input::Json => format!(
                "template(name=\"line\" type=\"list\") {{ {message} constant(value=\"\\n\") }}\n"
            ),
        };
        let queue =
            "queue.type=\"LinkedList\" queue.size=\"200000\" queue.dequeueBatchSize=\"4096\"";
        format!(
            "global(workDirectory=\"{}\" maxMessageSize=\"64k\")\nmodule(load=\"imfile\")\n{module}{template}\
             main_queue({queue})\n\
             input(type=\"imfile\" File=\"{}\" Tag=\"bench\" ruleset=\"out\")\n\
             ruleset(name=\"out\" {queue}) {{\n{action}\
             action(type=\"omfile\" file=\"{}\" template=\"line\" ioBufferSize=\"256k\")\n}}\n",
            work.display(),
            made.path.display(),
            out.display()
        )
    }
}

fn syslog_ng(made: &Made, out: &Path) -> String {
    let (flags, parser, pairs) = match made.input {
        Input::Plain => (
            "",
            "",
            "timestamp=$ISODATE level=$LEVEL host=$HOST service=$PROGRAM pid=$PID message=$MESSAGE",
        ),
        Input::Json => (
            "flags(no-parse)",
            "parser { json-parser(prefix(\".j.\")); };",
            "--key .j.* --shift-levels 2",
        ),
    };
    format!(
        "@version: 3.38\n@module json-plugin\n\
         options {{ keep-hostname(yes); use-dns(no); dns-cache(no); stats-freq(0); \
         log-fifo-size(200000); flush-lines(1000); threaded(yes); log-msg-size(65536); }};\n\
         source s {{ file(\"{}\" follow-freq(0.1) log-iw-size(100000) log-fetch-limit(10000) {flags}); }};\n\
         destination d {{ file(\"{}\" template(\"$(format-json {pairs})\\n\")); }};\n\
         log {{ source(s); {parser} destination(d); flags(flow-control); }};\n",
        made.path.display(),
        out.display()
    )
}

/// Waits until the output has as many lines, not one more.
fn await_lines(daemon: &mut Child, out: &Path, lines: u64) -> Result<(), String> {
    let begun = Instant::now();
    let mut counter = Counter::default();
    while counter.lines < lines {
        counter.read_on(out);
        if let Ok(Some(status)) = daemon.try_wait() {
            return Err(format!("it ended with {status} after {} of {lines} lines", counter.lines));
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("{} of {lines} lines after {PATIENCE:?}", counter.lines));
        }
        std::thread::park_timeout(LOOK);
    }
    match counter.lines == lines {
        true => Ok(()),
        false => Err(format!("{} lines for {lines}", counter.lines)),
    }
}

/// Lines of a file.
pub(super) fn lines_of(path: &Path) -> Result<u64, String> {
    let mut counter = Counter::default();
    counter.read_on(path);
    Ok(counter.lines)
}

/// Counts the lines of a file that grows.
#[derive(Default)]
struct Counter {
    file: Option<fs::File>,
    lines: u64,
}

impl Counter {
    /// What cannot be read yet is read later.
    fn read_on(&mut self, path: &Path) {
        if self.file.is_none() {
            self.file = fs::File::open(path).ok();
        }
        let Some(file) = &mut self.file else { return };
        let mut bytes = vec![0; 1 << 20];
        while let Ok(read @ 1..) = file.read(&mut bytes) {
            self.lines += memchr::memchr_iter(b'\n', &bytes[..read]).count() as u64;
        }
    }
}
