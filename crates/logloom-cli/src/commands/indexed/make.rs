//! Records of a file of another program made ready for searches.
//!
//! All is made in a folder of its own, which takes its place when it is whole; one that a killed process has
//! left is removed by the next. A file that cannot be read to its end, or is written to meanwhile, gives none.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use logloom_core::life;
use logloom_store::life::LifeSettings;

use super::source::Source;
use crate::commands::query::foreign::{self, Reading};
use crate::place;

/// The file of the records. Its day is over whatever the clock says, so that it is compressed.
const RECORDS: &str = "1970-01-01.jsonl";

/// Makes the folder of a file anew.
pub(super) fn make(path: &Path, folder: &Path, reading: &Reading) -> io::Result<()> {
    let source = Source::of(path, &reading.format)?;
    let mut fresh = folder.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = Path::new(&fresh);
    remove(fresh)?;
    std::fs::create_dir(fresh)?;
    let made = fill(path, fresh, reading).and_then(|()| {
        if Source::of(path, &reading.format)? != source {
            return Err(io::Error::other("it is written to: try again when it is finished"));
        }
        source.write(fresh)?;
        remove(folder)?;
        std::fs::rename(fresh, folder)
    });
    if made.is_err() {
        // What went wrong is told; what is left is removed the next time too.
        let _ = remove(fresh);
    }
    made
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes the records, then has them compressed and indexed.
fn fill(path: &Path, folder: &Path, reading: &Reading) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(folder.join(RECORDS))?);
    foreign::write_records(path, reading, &mut out)?;
    out.flush()?;
    drop(out);
    let directory = place::open_made(folder).map_err(io::Error::other)?;
    let settings = LifeSettings { compress_after_days: Some(0), ..LifeSettings::default() };
    let report = life::keep_house(&directory, &settings).map_err(io::Error::other)?;
    match report.kept.first() {
        Some(kept) => Err(io::Error::other(format!("{}: {}", kept.name, kept.reason))),
        None => Ok(()),
    }
}
