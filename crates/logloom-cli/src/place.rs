//! Where the log is: settings resolved, directories opened, the records of dead programs first.
//!
//! Takes the arguments that say where, gives settings and open directories. A reader makes
//! nothing: a directory that does not exist is refused. Recovery is an attempt here: without the
//! right to write, what is in the files is read all the same.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logloom_config::{Origin, Resolved, Sources};
use logloom_core::recovery;
use logloom_core::settings::Settings;
use logloom_ring::process;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options, StoreError, StoreSettings, Warning};

use crate::args::PlaceArguments;
use crate::exit::{Failure, say};

/// The configuration as file, environment and command line give it.
pub(crate) fn resolve(place: &PlaceArguments) -> Result<Resolved, Failure> {
    let mut sources = Sources::from_process();
    sources.file.clone_from(&place.config);
    if let Some(dir) = &place.dir {
        sources.flag("--dir", "store.dir", &dir.to_string_lossy());
    }
    let mut resolved = match &place.settings {
        Some(file) => of_agent(&sources, file)?,
        None => logloom_config::load(&sources).map_err(Failure::Configuration)?,
    };
    if let Some(dir) = &place.dir {
        // As it was typed: as the text of a setting it could be no list of directories, and its
        // bytes could be no text.
        resolved.settings.store.dir = vec![dir.clone()];
    }
    Ok(resolved)
}

/// The configuration as the `settings.json` of an agent gives it.
fn of_agent(sources: &Sources, file: &Path) -> Result<Resolved, Failure> {
    let agent = logloom_config::settings_json_resolve(sources, Some(file))
        .map_err(Failure::Configuration)?;
    let (origins, warnings) = (BTreeMap::new(), Vec::new());
    Ok(Resolved { settings: agent.settings, origins, warnings, file: agent.file })
}

/// The settings, with what is strange about them told.
pub(crate) fn settings(place: &PlaceArguments) -> Result<Settings, Failure> {
    let resolved = resolve(place)?;
    resolved.warnings.iter().for_each(say);
    Ok(resolved.settings)
}

/// As [`open_for_reading`], for commands about actions: where no place is given, the `settings.json` of an
/// agent counts, if there is one. Where nobody says anything, an agent without a `settings.json` logs to the
/// directory of its document, which is read too.
pub(crate) fn open_actions(place: &PlaceArguments) -> Result<Vec<Directory>, Failure> {
    let mut place = place.clone();
    let sources = Sources::from_process();
    if place.dir.is_none() && place.config.is_none() && place.settings.is_none() {
        place.settings =
            logloom_config::settings_json_find(&sources, None).filter(|file| is_of_agent(file));
    }
    let resolved = resolve(&place)?;
    resolved.warnings.iter().for_each(say);
    let is_said = place.settings.is_some() || *resolved.origin("store.dir") != Origin::Default;
    let mut settings = resolved.settings;
    if !is_said {
        let (agent, _) = logloom_config::settings_json_load(&sources, None);
        settings.store.dir.extend(agent.settings.store.dir);
    }
    open_each(&settings)
}

/// Whether the file has our section: other programs keep files of this name too.
fn is_of_agent(file: &Path) -> bool {
    let text = std::fs::read_to_string(file);
    text.is_ok_and(|text| text.contains("\"logging\""))
}

/// Every log directory of the list that exists, the records of dead programs recovered into it.
pub(crate) fn open_for_reading(place: &PlaceArguments) -> Result<Vec<Directory>, Failure> {
    open_each(&settings(place)?)
}

fn open_each(settings: &Settings) -> Result<Vec<Directory>, Failure> {
    let (mut directories, mut errors) = (Vec::new(), Vec::new());
    for path in &settings.store.dir {
        match open_recovered(path, settings) {
            Ok(directory) => directories.push(directory),
            Err(error) => errors.push((path, error)),
        }
    }
    match errors.first() {
        Some((path, error)) if directories.is_empty() => return Err(unreadable(path, error)),
        _ => {}
    }
    for (_, error) in errors.iter().filter(|(_, error)| !is_missing(error)) {
        say(format_args!("{error}: the records in it are left out"));
    }
    Ok(directories)
}

/// Of several directories some may not have been needed yet.
fn is_missing(error: &StoreError) -> bool {
    error.system_error() == Some(rustix::io::Errno::NOENT.raw_os_error())
}

fn unreadable(path: &Path, error: &StoreError) -> Failure {
    if is_missing(error) {
        return Failure::System(format!(
            "there is no log directory {}: nothing was logged there yet, or another one is meant \
             (--dir, or `logloom config show`)",
            path.display()
        ));
    }
    Failure::System(error.to_string())
}

/// Opens a directory to look at it: nothing is made, repaired or recovered.
pub(crate) fn open_reader(path: &Path) -> Result<Directory, StoreError> {
    Directory::open(path, Options::reader(), Arc::new(LinuxPlatform))
}

/// Opens a directory to read it, after an attempt to recover what dead programs left.
fn open_recovered(path: &Path, settings: &Settings) -> Result<Directory, StoreError> {
    let reader = open_reader(path)?;
    // A copied directory has no catalogue, and is left as it is.
    if reader.store_id().is_none() {
        return Ok(reader);
    }
    match open_for_appending(path, settings) {
        Ok(directory) => recovery::sweep(&directory).problems.iter().for_each(say),
        Err(error) => tell_unrecovered(&reader, &error),
    }
    Ok(reader)
}

fn tell_unrecovered(reader: &Directory, error: &StoreError) {
    let writers = reader.writers().unwrap_or_default();
    let dead = writers.iter().filter(|writer| writer.life.is_dead()).count();
    if dead > 0 {
        say(format_args!(
            "programs that died ({dead}) may have left records in memory, which cannot be \
             recovered from here: {error}"
        ));
    }
}

/// Opens a directory of our own making to append to it; that its files are new to it is no news.
pub(crate) fn open_made(path: &Path) -> Result<Directory, StoreError> {
    process::with_size_limit_as_error(|| {
        Directory::open(path, Options::default(), Arc::new(LinuxPlatform))
    })
}

/// Opens a directory to append to it, and makes it where there is none. A limit on the size of
/// files is an error here, and not the end of the process.
pub(crate) fn open_for_appending(
    path: &Path,
    settings: &Settings,
) -> Result<Directory, StoreError> {
    let store =
        StoreSettings { max_file_size: settings.store.max_file_size, ..StoreSettings::default() };
    let options = Options { settings: store, ..Options::default() };
    let directory = process::with_size_limit_as_error(|| {
        Directory::open(path, options, Arc::new(LinuxPlatform))
    })?;
    for warning in directory.warnings() {
        // Whoever reads or appends follows the directory; only who asked for a size is told.
        if !matches!(warning, Warning::SettingDiffers { .. }) {
            say(warning);
        }
    }
    Ok(directory)
}
