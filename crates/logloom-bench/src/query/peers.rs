//! The other tools. In come a script or SQL and files; out go its answer and how long it took. Tools that are not
//! here are left out with a message. Nothing is imported beforehand.
//!
//! Where a tool would take longer than it may, it is asked of the newest days only, and its time is told as that of
//! all bytes: reading one file after the other takes time by their length. DuckDB runs in a process of its own
//! that is started before the clock is; all others are started by the shell.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde::Deserialize;

use crate::proof::tell;

/// A tool that is here.
pub(super) enum Peer {
    Shell { name: &'static str },
    Lnav { program: PathBuf, libraries: PathBuf },
    DuckDb(Box<DuckDb>),
}

/// What it said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) answer: u64,
    pub(super) seconds: f64,
}

/// Those that are here.
pub(super) fn find(target: &Path, wanted: &[String]) -> Vec<Peer> {
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    let mut peers = Vec::new();
    for (name, program) in [("rg", "rg"), ("zcat|grep", "zcat"), ("jq", "jq")] {
        if is_wanted(name) && is_here(program) {
            peers.push(Peer::Shell { name });
        }
    }
    if is_wanted("duckdb") {
        match DuckDb::start(target) {
            Ok(duckdb) => peers.push(Peer::DuckDb(Box::new(duckdb))),
            Err(reason) => tell(&format!("duckdb is left out: {reason}; see scripts/needs.sh")),
        }
    }
    let unpacked = target.join("peers/lnav");
    let lnav = [PathBuf::from("/usr/bin/lnav"), unpacked.join("usr/bin/lnav")];
    match lnav.into_iter().find(|path| path.is_file()) {
        Some(program) if is_wanted("lnav") => {
            let libraries = unpacked.join("usr/lib/x86_64-linux-gnu");
            peers.push(Peer::Lnav { program, libraries });
        }
        _ => tell(&"lnav is not here and is left out; see scripts/needs.sh"),
    }
    peers
}

fn is_here(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        tell(&format!("{program} is not here and is left out"));
    }
    found
}

impl Peer {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Peer::Shell { name } => name,
            Peer::Lnav { .. } => "lnav",
            Peer::DuckDb(_) => "duckdb",
        }
    }

    /// Asks these files; `None` when the tool has no words for the question.
    pub(super) fn ask(
        &mut self,
        question: &super::questions::Question,
        files: &[PathBuf],
    ) -> Result<Option<Said>, String> {
        let script = match self {
            Peer::DuckDb(duckdb) => return duckdb.ask(&question.sql, files).map(Some),
            Peer::Lnav { program, libraries } => {
                let Some(command) = &question.lnav else { return Ok(None) };
                return Ok(lnav(program, libraries, command, files));
            }
            Peer::Shell { name } => {
                let script = match *name {
                    "rg" => &question.rg,
                    "jq" => &question.jq,
                    _ => &question.grep,
                };
                let Some(script) = script else { return Ok(None) };
                script.clone()
            }
        };
        shell(&script, files).map(Some)
    }
}

/// Lines that lnav leaves of the files. `None`, told, where it crashes, as 0.11 does over some files.
fn lnav(program: &Path, libraries: &Path, command: &str, files: &[PathBuf]) -> Option<Said> {
    let (program, libraries) = (program.display(), libraries.display());
    let script = format!(
        "out=$(mktemp) && LD_LIBRARY_PATH={libraries} {program} -n -c '{command}' \"$@\" >$out; \
         status=$?; [ $status -eq 0 ] && wc -l <$out; rm -f $out; exit $status"
    );
    let said = shell(&script, files);
    if said.is_err() {
        tell(&format!("lnav crashed over {} files; it is left out of this row", files.len()));
    }
    said.ok()
}

fn shell(script: &str, files: &[PathBuf]) -> Result<Said, String> {
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).args(files).stdin(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let output = command.output().map_err(|error| format!("{script}: {error}"))?;
    let seconds = begun.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    let answer = text.trim().parse().map_err(|_| format!("{script}: {text:?} is no number"))?;
    Ok(Said { answer, seconds })
}

/// DuckDB behind Python, which answers one line of SQL after the other.
pub(crate) struct DuckDb {
    child: Child,
    words: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Reads orders from the standard input, one object a line; answers with rows and seconds.
const SERVER: &str = include_str!("duckdb.py");

/// Values as text, row by row.
type Rows = Vec<Vec<Option<String>>>;

#[derive(Deserialize)]
struct Reply {
    seconds: f64,
    #[serde(default)]
    rows: Rows,
    #[serde(default)]
    error: Option<String>,
}

impl DuckDb {
    pub(crate) fn start(target: &Path) -> Result<DuckDb, String> {
        let mut command = Command::new("python3");
        let modules = target.join("tools/python");
        if modules.join("duckdb").is_dir() {
            command.env("PYTHONPATH", modules);
        }
        let mut child = command
            .args(["-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("python: {error}"))?;
        let words = child.stdin.take().ok_or("no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut duckdb = DuckDb { child, words, answers };
        duckdb
            .order(&serde_json::json!({"sql": "SELECT 1"}))
            .map_err(|_| "its module is not here")?;
        Ok(duckdb)
    }

    /// The rows of SQL over a view `logs` of these files, each value as text; and the seconds it took.
    pub(crate) fn rows(&mut self, sql: &str, view: &str) -> Result<(Rows, f64), String> {
        let reply = self.order(&serde_json::json!({"view": view, "sql": sql}))?;
        Ok((reply.rows, reply.seconds))
    }

    fn ask(&mut self, sql: &str, files: &[PathBuf]) -> Result<Said, String> {
        let (rows, seconds) = self.rows(sql, &view(files))?;
        let first = rows.first().and_then(|row| row.first().cloned().flatten());
        let answer = first.and_then(|text| text.parse().ok()).ok_or("no number")?;
        Ok(Said { answer, seconds })
    }

    fn order(&mut self, order: &serde_json::Value) -> Result<Reply, String> {
        let failed = |error: std::io::Error| format!("duckdb: {error}");
        writeln!(self.words, "{order}").map_err(failed)?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(failed)?;
        let reply: Reply =
            serde_json::from_str(&line).map_err(|_| "duckdb has ended".to_owned())?;
        match &reply.error {
            Some(error) => Err(format!("duckdb: {error}")),
            None => Ok(reply),
        }
    }
}

impl Drop for DuckDb {
    fn drop(&mut self) {
        // It ends with its input, and would at the latest now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The columns are declared, which is faster than having them guessed.
fn view(files: &[PathBuf]) -> String {
    let files: Vec<String> = files.iter().map(|path| format!("'{}'", path.display())).collect();
    format!(
        "CREATE OR REPLACE VIEW logs AS SELECT * FROM read_json([{}], \
         format = 'newline_delimited', columns = {{timestamp: 'VARCHAR', level: 'VARCHAR', \
         service: 'VARCHAR', module: 'VARCHAR', message: 'VARCHAR', trace_id: 'VARCHAR', \
         path: 'VARCHAR', status: 'BIGINT', duration_ms: 'DOUBLE', bytes: 'BIGINT', \
         user_id: 'BIGINT', host: 'VARCHAR'}})",
        files.join(", ")
    )
}
