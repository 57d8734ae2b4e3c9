//! What is shown: a log directory, or files of any program.
//!
//! Files become records in a temporary folder before the screen is taken, or are those that `index --files` has
//! prepared. The folder goes with the viewer.

use std::path::Path;

use logloom_store::Directory;

use crate::args::{PlaceArguments, TuiArguments};
use crate::commands::query::foreign::{self, Folders, Reading};
use crate::exit::Failure;
use crate::place;

/// What the screen shows.
pub(super) struct Shown {
    pub(super) directories: Vec<Directory>,
    /// Its name for the head of the screen.
    pub(super) title: String,
    /// Where the configuration and the saved queries are.
    pub(super) place: PlaceArguments,
    /// The files that were made, for as long as they are looked at.
    folders: Option<Folders>,
}

/// Opens what the arguments name: one directory, else files.
pub(super) fn open(arguments: &TuiArguments) -> Result<Shown, Failure> {
    let mut place = arguments.place.clone();
    let files = match arguments.paths.as_slice() {
        [one] if is_directory(one) => {
            place.dir = Some(one.clone());
            &[]
        }
        [] => arguments.files.as_slice(),
        files => files,
    };
    if files.is_empty() {
        let directories = place::open_for_reading(&place)?;
        let names = directories.iter().map(|directory| directory.path().display().to_string());
        let title = names.collect::<Vec<_>>().join(", ");
        return Ok(Shown { directories, title, place, folders: None });
    }
    if files.iter().any(|path| path == Path::new("-")) {
        let text = "the keys come from the standard input: write it to a file, and name that";
        return Err(Failure::Usage(text.to_owned()));
    }
    let reading = Reading::of(&arguments.intake, &place)?;
    let folders = foreign::folders(files, &reading)?;
    let directories = folders.directories.clone();
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    Ok(Shown { directories, title: names.join(", "), place, folders: Some(folders) })
}

/// Whether a log directory is meant, be it there or not.
fn is_directory(path: &Path) -> bool {
    let is_pattern = path.to_string_lossy().contains(['*', '?', '[', '{']);
    path.is_dir() || !path.exists() && !is_pattern
}

impl Shown {
    /// Why some of the files are not shown whole.
    pub(super) fn problem(&self) -> Option<String> {
        let broken = &self.folders.as_ref()?.problems;
        let others = match broken.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} others)", count - 1),
        };
        broken.first().map(|first| format!("{first}{others}"))
    }
}
