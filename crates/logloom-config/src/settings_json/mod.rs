//! Takes the `settings.json` of an agent, hands on the settings of the library; its section `logging` is
//! accepted as the document has it, with the document's defaults. Keys elsewhere in the file are none of
//! our business.
//!
//! [`settings_json_check`] refuses an unknown key and a bad value, each with its place and the nearest
//! name. [`settings_json_load`] never stops an agent: what is wrong gives a warning, and the document's
//! default counts.

mod keys;
mod scan;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use logloom_core::settings::{Settings, Warning};

use crate::apply::{Applier, Strictness};
use crate::file::{self, Chance, found_by_chance};
use crate::load::unreadable;
use crate::origin::Origin;
use crate::report::{Problem, Report};
use crate::sources::Sources;
use crate::value::Place;
use crate::yaml;

use keys::Reader;

/// Variable that names the file.
pub const SETTINGS_VARIABLE: &str = "LOGLOOM_SETTINGS";
/// Name of the file when it is looked for.
pub const SETTINGS_NAME: &str = "settings.json";
/// Where agents keep theirs, beneath the home directory.
const AGENT_DIRECTORY: &str = ".tiny-claude-code";
/// The section that is ours.
const SECTION: &str = "logging";

/// What a `settings.json` says, and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSettings {
    /// What the library runs with.
    pub settings: Settings,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
}

/// The file that counts: the one that is named, else that of `$LOGLOOM_SETTINGS`, else `./settings.json`,
/// else `~/.tiny-claude-code/settings.json`. The last two only where they belong to the user or to root.
#[must_use]
pub fn settings_json_find(sources: &Sources, named: Option<&Path>) -> Option<PathBuf> {
    let variable = || sources.variable(SETTINGS_VARIABLE).map(PathBuf::from);
    if let Some(path) = named.map(Path::to_owned).or_else(variable) {
        return Some(path);
    }
    let home = sources.home().map(|home| home.join(AGENT_DIRECTORY).join(SETTINGS_NAME));
    let candidates = [Some(sources.working_directory.join(SETTINGS_NAME)), home];
    let mut trusted = candidates
        .into_iter()
        .flatten()
        .filter(|path| matches!(found_by_chance(path), Chance::Trusted));
    trusted.next()
}

/// Whether a file is to be read as a `settings.json`: by its name, or as JSON with the section.
pub(crate) fn is_meant(path: &Path, text: &str) -> bool {
    let is_named = path.file_name().is_some_and(|name| name == SETTINGS_NAME);
    let is_json = path.extension().is_some_and(|end| end == "json");
    is_named || (is_json && matches!(scan::member(text, SECTION), Ok(Some(_))))
}

/// Looks at one file, for `logloom config check`. The report is empty when all of it can be used.
#[must_use]
pub fn settings_json_check(path: &Path) -> Report {
    match file::read(path) {
        Ok(text) => read(&path.to_string_lossy(), &text, &Sources::from_process()).report,
        Err(message) => unreadable(&path.to_string_lossy(), message),
    }
}

/// The settings of a `settings.json`, of the environment and of code, each over the last. Without a file
/// the document's defaults count. What cannot be used comes back as warnings.
#[must_use]
pub fn settings_json_load(
    sources: &Sources,
    named: Option<&Path>,
) -> (AgentSettings, Vec<Warning>) {
    let path = settings_json_find(sources, named);
    let found = path.as_deref().map(|path| (path, file::read(path)));
    let (mut outcome, mut warnings) = match found {
        Some((path, Ok(text))) => (read(&path.to_string_lossy(), &text, sources), Vec::new()),
        Some((path, Err(message))) => {
            let report = unreadable(&path.to_string_lossy(), message);
            let warnings = report.problems.iter().map(Warning::from).collect();
            (Outcome::defaults(sources), warnings)
        }
        None => (Outcome::defaults(sources), Vec::new()),
    };
    let report = std::mem::take(&mut outcome.report);
    warnings.extend(report.problems.iter().chain(&report.warnings).map(Warning::from));
    outcome.agent.file = path;
    warnings.extend(lay_over(&mut outcome.agent.settings, sources));
    (outcome.agent, warnings)
}

/// As [`settings_json_load`], refusing what cannot be used.
///
/// # Errors
/// A [`Report`] with every problem of the file.
pub fn settings_json_resolve(
    sources: &Sources,
    named: Option<&Path>,
) -> Result<AgentSettings, Report> {
    if let Some(path) = settings_json_find(sources, named) {
        let text = file::read(&path);
        let text = text.map_err(|message| unreadable(&path.to_string_lossy(), message))?;
        let report = read(&path.to_string_lossy(), &text, sources).report;
        if !report.is_ok() {
            return Err(report);
        }
    }
    Ok(settings_json_load(sources, named).0)
}

/// Environment and code over the settings; nothing of them where a part cannot be used.
fn lay_over(settings: &mut Settings, sources: &Sources) -> Vec<Warning> {
    let mut applier = Applier::new(Strictness::Lenient, sources.home(), "");
    applier.settings = settings.clone();
    sources.apply(&mut applier);
    applier.check_limits();
    if applier.report.is_ok() {
        *settings = applier.settings;
    }
    let report = applier.report;
    report.problems.iter().chain(&report.warnings).map(Warning::from).collect()
}

/// What came of reading one file.
struct Outcome {
    agent: AgentSettings,
    report: Report,
}

impl Outcome {
    fn defaults(sources: &Sources) -> Outcome {
        Outcome { agent: keys::defaults(sources.home().as_deref()), report: Report::default() }
    }
}

/// Reads the section out of the text of a file.
fn read(name: &str, text: &str, sources: &Sources) -> Outcome {
    let mut outcome = Outcome::defaults(sources);
    let section = match scan::member(text, SECTION) {
        Ok(Some(section)) => section,
        Ok(None) => return outcome,
        Err(broken) => {
            let problem = place_of(name, text, broken.at);
            let message = format!("is no JSON: expected {} here", broken.expected);
            outcome.report.problems.push(Problem::at(&problem, "", message, text));
            return outcome;
        }
    };
    // JSON is YAML once tabs are gone, and what stands around the section becomes space, so that every
    // place in it stays where it is.
    let blank = |(at, character): (usize, char)| match character {
        '\n' => '\n',
        _ if !section.contains(&at) || character == '\t' => ' ',
        _ => character,
    };
    let blanked: String = text.char_indices().map(blank).collect();
    match yaml::parse(name, &blanked) {
        Ok(root) => {
            let mut reader = Reader::new(outcome, text, sources.home());
            reader.section(&root);
            reader.finish()
        }
        Err(problem) => {
            outcome.report.problems.push(*problem);
            outcome
        }
    }
}

/// The place of a byte in a text.
fn place_of(name: &str, text: &str, at: usize) -> Place {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let (line, column) = (line.try_into().unwrap_or(0), column.try_into().unwrap_or(1));
    Place { origin: Origin::File { file: name.into(), line, column }, width: 1 }
}
