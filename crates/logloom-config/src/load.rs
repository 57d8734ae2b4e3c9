//! Takes sources, hands on the settings with the origin of every key; refuses, all or nothing, a
//! configuration with a single problem, and lists every one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logloom_core::settings::{Settings, Warning};

use crate::apply::{Applier, Strictness};
use crate::file;
use crate::origin::Origin;
use crate::report::{Problem, Report};
use crate::settings_json;
use crate::sources::Sources;
use crate::yaml;

/// Settings that are whole and valid, with where each value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What the library runs with.
    pub settings: Settings,
    /// Origin of each key that somebody set, by its path as `show` prints it.
    pub origins: BTreeMap<String, Origin>,
    /// What should be known although all is valid.
    pub warnings: Vec<Problem>,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
}

impl Resolved {
    /// Where the value of `key` came from; [`Origin::Default`] when nobody set it.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
}

/// Defaults, then the file, the environment, code and the command line, each over the last.
///
/// Reads at most one file; blocks as long as that takes.
///
/// # Errors
/// A [`Report`] with every problem of every layer. Nothing is applied in part.
pub fn load(sources: &Sources) -> Result<Resolved, Report> {
    resolve(sources, Strictness::Strict)
}

/// As [`load`], with `text` in the place of a file called `name` and nothing else but defaults.
/// `~` is the home directory of this process.
///
/// # Errors
/// A [`Report`] with every problem.
pub fn load_str(name: &str, text: &str) -> Result<Resolved, Report> {
    let home = Sources::from_process().home();
    let mut applier = Applier::new(Strictness::Strict, home, text);
    apply_file(&mut applier, name, text);
    finish(applier, None)
}

/// Looks at one file and at nothing else, for `logloom config check`. The report is empty when the
/// file can be used and holds nothing that does nothing.
pub fn check(path: &Path) -> Report {
    let name = path.to_string_lossy();
    let text = match file::read(path) {
        Ok(text) => text,
        Err(message) => return unreadable(&name, message),
    };
    if settings_json::is_meant(path, &text) {
        return settings_json::settings_json_check(path);
    }
    match load_str(&name, &text) {
        Ok(resolved) => Report { problems: Vec::new(), warnings: resolved.warnings },
        Err(report) => report,
    }
}

/// Takes a layer out of the sources.
type SetAside = fn(&mut Sources);

/// Settings for a program that must start whatever its configuration holds.
///
/// An unknown name of a level leaves that level as it was. Any other problem sets aside the file,
/// then the environment as well, then everything: what code and command line ask for outlives a
/// broken file. Every problem comes back as a warning for the caller to count and show.
pub fn load_or_default(sources: &Sources) -> (Settings, Vec<Warning>) {
    let mut warnings = Vec::new();
    let mut remaining = sources.clone();
    remaining.file = sources.locate().path;
    let steps: [(&str, SetAside); 3] = [
        ("the configuration file is set aside", |sources| sources.file = None),
        ("variables of the environment are set aside", Sources::clear_variables),
        ("the defaults are used", |sources| *sources = Sources::default()),
    ];
    let mut result = resolve(sources, Strictness::Lenient);
    for (consequence, set_aside) in steps {
        match result {
            Ok(resolved) => {
                warnings.extend(resolved.warnings.iter().map(Warning::from));
                return (resolved.settings, warnings);
            }
            Err(report) => warn(&mut warnings, &report, consequence),
        }
        set_aside(&mut remaining);
        result = resolve_text(&remaining, Strictness::Lenient, None);
    }
    let settings = result.map_or_else(|_| Settings::default(), |resolved| resolved.settings);
    (settings, warnings)
}

fn warn(warnings: &mut Vec<Warning>, report: &Report, consequence: &str) {
    for warning in report.problems.iter().map(Warning::from) {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings.push(Warning { key: String::new(), message: consequence.to_owned() });
}

fn resolve(sources: &Sources, strictness: Strictness) -> Result<Resolved, Report> {
    let located = sources.locate();
    let text = match &located.path {
        Some(path) => match file::read(path) {
            Ok(text) => Some((path.as_path(), text)),
            Err(message) => return Err(unreadable(&path.to_string_lossy(), message)),
        },
        None => None,
    };
    let mut resolved = resolve_text(sources, strictness, text.as_ref().map(|(p, t)| (*p, &**t)))?;
    resolved.warnings.extend(located.warnings);
    Ok(resolved)
}

/// The layers over a text that has been read already.
pub(crate) fn resolve_text(
    sources: &Sources,
    strictness: Strictness,
    file: Option<(&Path, &str)>,
) -> Result<Resolved, Report> {
    let text = file.map_or("", |(_, text)| text);
    let mut applier = Applier::new(strictness, sources.home(), text);
    if let Some((path, text)) = file {
        apply_file(&mut applier, &path.to_string_lossy(), text);
    }
    sources.apply(&mut applier);
    finish(applier, file.map(|(path, _)| path.to_path_buf()))
}

fn apply_file(applier: &mut Applier<'_>, name: &str, text: &str) {
    match yaml::parse(name, text) {
        Ok(root) => applier.file(&root),
        Err(problem) => applier.report.problems.push(*problem),
    }
}

fn finish(mut applier: Applier<'_>, file: Option<PathBuf>) -> Result<Resolved, Report> {
    applier.check_limits();
    let report = applier.report.sorted();
    if !report.is_ok() {
        return Err(report);
    }
    let origins = applier.origins.into_iter().map(|(key, place)| (key, place.origin)).collect();
    Ok(Resolved { settings: applier.settings, origins, warnings: report.warnings, file })
}

/// The report on a file that gave no text.
pub(crate) fn unreadable(name: &str, message: String) -> Report {
    let (origin, key) = (Origin::whole_file(name), String::new());
    Report { problems: vec![Problem { origin, key, message, excerpt: None }], warnings: Vec::new() }
}
