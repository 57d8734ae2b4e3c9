//! From settings to what the writer needs, and the stage configuration that a recovery reads.

use logloom_record::dialect::loom::LoomOptions;

use crate::console::Console;
use crate::settings::{
    ForeignDay, IncludeSettings, MaskSettings, RECORD_BYTES_MAX, Settings, TruncateSettings,
};
use crate::truncate::Truncator;
use crate::writer::BatchLimits;

/// The line that says it; absent for the default.
const FOREIGN_DAY_OWN: &str = "foreign_day own\n";

/// Bytes that a segment has for the stage configuration.
const CONFIG_BYTES_MAX: usize = 64 << 10;

/// The masks and cuts of these settings.
pub(super) fn stages(settings: &Settings) -> (MaskSettings, Option<Truncator>) {
    (settings.mask.clone(), Truncator::new(&settings.truncate))
}

/// Those of a dead process.
pub(crate) fn read_stages(text: &str) -> (MaskSettings, Option<Truncator>) {
    let values = |wanted: &'static str| {
        text.lines().filter_map(move |line| line.strip_prefix(wanted)?.strip_prefix(' '))
    };
    let default = TruncateSettings::default();
    let full = values("truncate_full").next();
    let truncate = TruncateSettings {
        max_chars: values("truncate").next().and_then(|number| number.parse().ok()),
        fields: values("truncate_field").map(str::to_owned).collect(),
        keep_full: full.is_some(),
        full_max_size: full.and_then(|size| size.parse().ok()).unwrap_or(default.full_max_size),
    };
    (crate::mask::stored::read(text), Truncator::new(&truncate))
}

/// How lines are rendered.
pub(super) fn loom(settings: &Settings) -> LoomOptions {
    let include = &settings.include;
    LoomOptions {
        service: settings.service.clone(),
        include_file: include.file,
        include_line: include.line,
        include_thread: include.thread,
        include_pid: include.pid,
        include_host: include.host,
        include_template: include.template,
        time_digits: settings.time_digits,
        max_line_bytes: settings.ring.record_bytes(),
        host: if include.host { host() } else { String::new() },
        pid: std::process::id(),
    }
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// The console, when there is to be one.
pub(super) fn console(settings: &Settings) -> Option<Console> {
    settings.console.clone().filter(|console| console.enabled).and_then(Console::start)
}

/// When batches are cut.
pub(crate) fn limits(settings: &Settings) -> BatchLimits {
    BatchLimits { bytes: settings.batch.bytes() }
}

/// The options as text for the segment: a line each, name and value.
pub(super) fn stage_config(settings: &Settings) -> String {
    let options = loom(settings);
    let include: Vec<&str> =
        flags(&settings.include).into_iter().filter_map(|(name, on)| on.then_some(name)).collect();
    let line = |name: &str, value: &str| format!("{name} {}\n", value.replace(['\n', '\r'], " "));
    let mut text = line("service", &options.service)
        + &line("include", &include.join(","))
        + &line("time_digits", &options.time_digits.to_string())
        + &line("max_line_bytes", &options.max_line_bytes.to_string())
        + &line("host", &options.host);
    if settings.foreign_day == ForeignDay::Own {
        text += FOREIGN_DAY_OWN;
    }
    if let Some(characters) = settings.truncate.max_chars {
        text += &line("truncate", &characters.to_string());
        for name in &settings.truncate.fields {
            text += &line("truncate_field", name);
        }
        if settings.truncate.keep_full {
            text += &line("truncate_full", &settings.truncate.full_max_size.to_string());
        }
    }
    let masks = crate::mask::stored::lines(&settings.mask);
    // What does not fit is left out as a whole: without a word about masks the strictest apply.
    if text.len() + masks.len() <= CONFIG_BYTES_MAX {
        text += &masks;
    }
    text
}

/// Fields of actions that are masked wherever anything is.
pub(super) fn action_mask(settings: &Settings, fields: &[&str]) -> u64 {
    let is_masked = |field: &&str| crate::action::is_masked(settings, field);
    let masked = fields.iter().enumerate().filter(|(_, field)| is_masked(field));
    masked.fold(0, |mask, (index, _)| mask | 1 << index.min(63))
}

fn flags(include: &IncludeSettings) -> [(&'static str, bool); 6] {
    [
        ("file", include.file),
        ("line", include.line),
        ("thread", include.thread),
        ("pid", include.pid),
        ("host", include.host),
        ("template", include.template),
    ]
}

/// The options that a dead process ran with. Lines that make no sense are passed over.
pub(crate) fn read_stage_config(text: &str, pid: u32) -> LoomOptions {
    let mut options = LoomOptions { pid, ..loom(&Settings::default()) };
    options.service = "unknown".to_owned();
    for line in text.lines() {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "service" => value.clone_into(&mut options.service),
            "host" => value.clone_into(&mut options.host),
            "include" => include(&mut options, value),
            "time_digits" => options.time_digits = if value == "9" { 9 } else { 6 },
            "max_line_bytes" => {
                let wanted = value.parse().unwrap_or(options.max_line_bytes);
                options.max_line_bytes = wanted.clamp(1024, RECORD_BYTES_MAX as usize);
            }
            _ => {}
        }
    }
    options
}

/// How a dead process chose the day files of foreign records.
pub(crate) fn read_foreign_day(text: &str) -> ForeignDay {
    let is_own = text.lines().any(|line| line == FOREIGN_DAY_OWN.trim_end());
    if is_own { ForeignDay::Own } else { ForeignDay::NearArrival }
}

fn include(options: &mut LoomOptions, names: &str) {
    let has = |wanted: &str| names.split(',').any(|name| name == wanted);
    options.include_file = has("file");
    options.include_line = has("line");
    options.include_thread = has("thread");
    options.include_pid = has("pid");
    options.include_host = has("host");
    options.include_template = has("template");
}
