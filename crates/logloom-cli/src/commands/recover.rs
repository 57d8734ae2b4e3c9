//! `logloom recover`: writes what programs that died have left in memory, and says what it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use logloom_core::recovery::{self, Report};
use logloom_store::Directory;

use crate::args::RecoverArguments;
use crate::exit::{Failure, Outcome};
use crate::output::{self, counted, json_text};
use crate::place;
use crate::terminal::safe_line;

/// What one directory's recovery has done.
struct Recovered {
    directory: PathBuf,
    report: Report,
    /// Segments of dead programs without a record that were given back.
    tidied: u64,
}

pub(crate) fn run(arguments: &RecoverArguments) -> Result<Outcome, Failure> {
    let settings = place::settings(&arguments.place)?;
    let mut recovered = Vec::new();
    for path in settings.store.dir.iter().filter(|path| path.exists()) {
        let directory = place::open_for_appending(path, &settings)
            .map_err(|error| Failure::System(error.to_string()))?;
        recovered.push(recover(&directory));
    }
    if recovered.is_empty() {
        let dirs: Vec<String> =
            settings.store.dir.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::System(format!(
            "there is no log directory {}: name another one with --dir",
            dirs.join(", ")
        )));
    }
    let objects = recovered.iter().map(json);
    output::report(arguments.report.format(), objects, || {
        recovered.iter().map(readable).collect()
    })?;
    match recovered.iter().all(|one| one.report.problems.is_empty()) {
        true => Ok(Outcome::Done),
        false => Err(Failure::System("not everything could be recovered".to_owned())),
    }
}

fn recover(directory: &Directory) -> Recovered {
    // Before the recovery removes their names.
    let ring_dirs = ring_directories(directory);
    let report = recovery::sweep(directory);
    let tidied = ring_dirs.iter().map(|path| recovery::tidy(path)).sum();
    Recovered { directory: directory.path().to_owned(), report, tidied }
}

/// Where the writers of this directory keep their segments.
fn ring_directories(directory: &Directory) -> BTreeSet<PathBuf> {
    let writers = directory.writers().unwrap_or_default();
    let paths = writers.iter().map(|writer| Path::new(&writer.identity.segment_path).parent());
    let mut found: BTreeSet<PathBuf> = paths.flatten().map(Path::to_owned).collect();
    found.insert(directory.path().join(".logloom/ring"));
    found
}

fn json(one: &Recovered) -> String {
    let problems: Vec<String> = one.report.problems.iter().map(|text| json_text(text)).collect();
    format!(
        "{{\"directory\":{},\"writers\":{},\"records\":{},\"skipped\":{},\"gone\":{},\
         \"empty_segments\":{},\"problems\":[{}]}}",
        json_text(&one.directory.to_string_lossy()),
        one.report.writers,
        one.report.lines,
        one.report.skipped,
        one.report.gone,
        one.tidied,
        problems.join(",")
    )
}

fn readable(one: &Recovered) -> String {
    let Report { writers, lines, skipped, gone, problems } = &one.report;
    let directory = one.directory.display().to_string();
    let mut text = match (writers, gone) {
        (0, 0) => format!("{}: nothing to recover\n", safe_line(&directory)),
        _ => format!(
            "{}: {} of {} recovered\n",
            safe_line(&directory),
            counted(*lines, "record"),
            counted(*writers, "dead program")
        ),
    };
    if *skipped > 0 {
        let records = counted(*skipped, "record");
        text += &format!("  {records} stood in the log already, from before the machine stopped\n");
    }
    if *gone > 0 {
        text += &format!(
            "  the memory of {} is gone; a loss record was written for each\n",
            counted(*gone, "dead program")
        );
    }
    if one.tidied > 0 {
        let segments = counted(one.tidied, "empty segment");
        text += &format!("  {segments} removed\n");
    }
    for problem in problems {
        text += &format!("  not recovered: {}\n", safe_line(problem));
    }
    text
}
