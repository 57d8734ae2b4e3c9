//! The start. Sources of settings come in, a guard goes out; a configuration that is wrong is not
//! refused: the program starts all the same and says so, once.

use logloom_core::runtime;
use logloom_core::settings::{Settings, Warning};
use logloom_record::{Level, Record, Value};

use crate::builder::{Builder, Change};
use crate::{Guard, InitError, panic_hook};

/// Starts logging with the settings of `logloom.yaml` where there is one, of the environment and
/// the defaults. The same as `builder().init()`.
///
/// The file is `$LOGLOOM_CONFIG`, else `./logloom.yaml`, `~/.config/logloom/logloom.yaml` or
/// `/etc/logloom/logloom.yaml`. A wrong one does not stop the program: what is wrong is set aside,
/// counted in [`Metrics::setting_warnings`](crate::Metrics::setting_warnings), shown on the
/// standard error, and told by one WARN record of event `logloom.configuration`.
///
/// Takes about two milliseconds. Calls before it are counted and not kept.
///
/// # Errors
/// Logging is already running in this process, or there is no memory for the rings. A log
/// directory that cannot be used is no error: records go to the next one of the list, then to the
/// standard error.
pub fn init() -> Result<Guard, InitError> {
    builder().init()
}

/// Settings in code, each over what file and environment say. See [`Builder`].
pub fn builder() -> Builder {
    Builder::new()
}

/// What a builder was told, apart from single settings.
pub(crate) struct Plan {
    pub(crate) changes: Vec<Change>,
    /// What is wrong with values that code could not hand over.
    pub(crate) warnings: Vec<Warning>,
    pub(crate) reads_configuration: bool,
    /// Keys of the configuration that code sets, with their values as text.
    #[cfg(feature = "config-file")]
    pub(crate) keys: Vec<(String, String)>,
    #[cfg(feature = "config-file")]
    pub(crate) file: Option<std::path::PathBuf>,
    /// A `settings.json` takes the place of the file: the named one, or one that is found.
    #[cfg(feature = "config-file")]
    pub(crate) settings_json: Option<Option<std::path::PathBuf>>,
    pub(crate) has_panic_hook: bool,
    #[cfg(feature = "config-file")]
    pub(crate) reloads_on_hang_up: bool,
}

/// Starts as planned.
pub(crate) fn start(plan: Plan) -> Result<Guard, InitError> {
    let has_panic_hook = plan.has_panic_hook;
    let configured = configured(&plan);
    let mut warnings = configured.warnings;
    warnings.extend(plan.warnings.iter().cloned());
    let settings = with_changes(configured.settings, &plan.changes, &mut warnings);
    if !settings.enabled {
        // No file, no shared memory, no thread: every call finds that there is no library.
        return Ok(Guard::of_nothing());
    }
    let handle = runtime::start(settings, &warnings)?;
    if !warnings.is_empty() {
        tell("the configuration is not used as it stands", &warnings);
    }
    #[cfg(feature = "config-file")]
    if let Some(watcher) = configured.watcher {
        if plan.reloads_on_hang_up {
            crate::reload::note_hang_ups();
        }
        crate::reload::watch(&handle, watcher, plan.changes, configured.is_wrong);
    }
    if has_panic_hook {
        panic_hook::install();
    }
    Ok(Guard::new(handle))
}

/// What file and environment say.
#[derive(Default)]
struct Configured {
    settings: Settings,
    warnings: Vec<Warning>,
    #[cfg(feature = "config-file")]
    watcher: Option<logloom_config::Watcher>,
    #[cfg(feature = "config-file")]
    is_wrong: bool,
}

#[cfg(feature = "config-file")]
fn configured(plan: &Plan) -> Configured {
    if !plan.reads_configuration {
        return Configured::default();
    }
    let mut sources = logloom_config::Sources::from_process();
    // Where the program was started, wherever it goes later.
    sources.working_directory = std::env::current_dir().unwrap_or_default();
    sources.file.clone_from(&plan.file);
    sources.code.clone_from(&plan.keys);
    if let Some(named) = &plan.settings_json {
        return configured_by_agent(&sources, named.as_deref());
    }
    let (settings, warnings) = logloom_config::load_or_default(&sources);
    let watcher = Some(logloom_config::Watcher::new(sources, settings.clone()));
    let is_wrong = !warnings.is_empty();
    Configured { settings, warnings, watcher, is_wrong }
}

/// What a `settings.json` and the environment say. It is not read again while the program runs.
#[cfg(feature = "config-file")]
fn configured_by_agent(
    sources: &logloom_config::Sources,
    named: Option<&std::path::Path>,
) -> Configured {
    let (agent, warnings) = logloom_config::settings_json_load(sources, named);
    Configured { settings: agent.settings, warnings, ..Configured::default() }
}

#[cfg(not(feature = "config-file"))]
fn configured(_plan: &Plan) -> Configured {
    Configured::default()
}

/// The settings with what code says over them.
pub(crate) fn with_changes(
    mut settings: Settings,
    changes: &[Change],
    warnings: &mut Vec<Warning>,
) -> Settings {
    for change in changes {
        apply(&mut settings, change, warnings);
    }
    settings
}

/// Applies one change, unless it makes something impossible: then all else still counts.
fn apply(settings: &mut Settings, change: &Change, warnings: &mut Vec<Warning>) {
    let mut changed = settings.clone();
    change(&mut changed);
    let before = settings.validate();
    let problems: Vec<_> =
        changed.validate().into_iter().filter(|problem| !before.contains(problem)).collect();
    if problems.is_empty() {
        *settings = changed;
        return;
    }
    warnings.extend(problems.into_iter().map(|problem| Warning {
        key: problem.key,
        message: format!("{}; the value set in code is not used", problem.message),
    }));
}

/// One record for all that is wrong with the settings.
pub(crate) fn tell(message: &str, warnings: &[Warning]) {
    let problems = warnings.iter().map(|warning| Value::Text(warning.to_string())).collect();
    let record = Record::new(Level::Warn, "logloom", message)
        .with("event", "logloom.configuration")
        .with("problems", Value::Array(problems));
    logloom_core::emit::record(&record);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_cannot_work_is_left_out_and_told() {
        let mut settings = Settings::default();
        let mut warnings = Vec::new();
        let good: Change = Box::new(|settings| settings.service = "shop".to_owned());
        let bad: Change = Box::new(|settings| settings.time_digits = 7);
        for change in [&good, &bad] {
            apply(&mut settings, change, &mut warnings);
        }
        assert_eq!((&*settings.service, settings.time_digits), ("shop", 6));
        assert_eq!(warnings.len(), 1);
        let text = warnings[0].to_string();
        assert!(text.starts_with("time_digits: ") && text.ends_with("not used"), "{text}");
    }
}
