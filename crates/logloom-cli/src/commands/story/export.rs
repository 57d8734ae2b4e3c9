//! `logloom export`: one session as a file of its own.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use logloom_query::actions::timeline::{Timeline, write_html};
use logloom_query::actions::{ActionFilter, Lang};
use logloom_query::{LogFile, Query};

use super::{incomplete, log_files, session_id, told, view};
use crate::args::ExportArguments;
use crate::exit::{Failure, Outcome, say};

pub(crate) fn run(arguments: &ExportArguments) -> Result<Outcome, Failure> {
    let (zone, lang) = view(&arguments.view)?;
    let files = log_files(&arguments.place)?;
    let Some(id) = session_id(&files, &arguments.session, lang)? else {
        return Ok(Outcome::Nothing);
    };
    let mut out = open(arguments.output.as_deref())?;
    if arguments.jsonl {
        return lines(&files, &id, lang, out.as_mut());
    }
    let timeline = Timeline::find(&files, &id, lang);
    let story =
        write_html(timeline, &zone, out.as_mut()).map_err(|error| Failure::output(&error))?;
    told(&story, lang)
}

/// A file of somebody else is never written over.
fn open(path: Option<&Path>) -> Result<Box<dyn Write>, Failure> {
    let Some(path) = path else { return Ok(Box::new(BufWriter::new(io::stdout().lock()))) };
    let file = File::options().write(true).create_new(true).open(path);
    let file = file.map_err(|error| Failure::system(format!("make {}", path.display()), error))?;
    Ok(Box::new(BufWriter::new(file)))
}

fn lines(files: &[LogFile], id: &str, lang: Lang, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let filter = ActionFilter { session_id: Some(id.to_owned()), ..ActionFilter::default() };
    let query = Query { filter: filter.condition(), ..Query::default() };
    let (mut rows, mut failed) = (0_u64, None);
    let stats = query.run(files, &mut |row| {
        rows += 1;
        let written = out.write_all(row.line).and_then(|()| out.write_all(b"\n"));
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    let written = failed.map_or_else(|| out.flush(), Err);
    written.map_err(|error| Failure::output(&error))?;
    stats.damage.sentences(files, lang).iter().for_each(say);
    stats.problems.iter().for_each(|problem| say(lang.problem(problem)));
    match stats.problems.is_empty() {
        true if rows > 0 => Ok(Outcome::Done),
        true => Ok(Outcome::Nothing),
        false => Err(incomplete(lang)),
    }
}
