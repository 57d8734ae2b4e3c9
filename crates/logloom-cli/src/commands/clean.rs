//! `logloom clean`: finished files are sealed, compressed and deleted now, or it is said which would be.

use logloom_core::life;
use logloom_core::recovery;
use logloom_core::settings::{DeleteRule, Glob, Settings};
use logloom_store::Directory;
use logloom_store::life::{LifeReport, LifeSettings};

use crate::args::CleanArguments;
use crate::exit::{Failure, Outcome, say};
use crate::output::{self, bytes, counted, json_text};
use crate::place;
use crate::terminal::safe_line;

/// What was done to one directory.
struct Cleaned {
    directory: String,
    is_dry: bool,
    report: LifeReport,
}

pub(crate) fn run(arguments: &CleanArguments) -> Result<Outcome, Failure> {
    let rule = rule(arguments)?;
    let settings = place::settings(&arguments.place)?;
    let mut cleaned = Vec::new();
    for path in settings.store.dir.iter().filter(|path| path.exists()) {
        let opened = match arguments.dry_run {
            true => place::open_reader(path),
            false => place::open_for_appending(path, &settings),
        };
        let directory = opened.map_err(|error| Failure::System(error.to_string()))?;
        let report = clean(arguments, &directory, &settings, rule.as_ref())?;
        let directory = path.to_string_lossy().into_owned();
        cleaned.push(Cleaned { directory, is_dry: arguments.dry_run, report });
    }
    if cleaned.is_empty() {
        let dirs: Vec<_> = settings.store.dir.iter().map(|path| path.to_string_lossy()).collect();
        return Err(Failure::System(format!(
            "there is no log directory {}: name another one with --dir",
            dirs.join(", ")
        )));
    }
    output::report(arguments.report.format(), cleaned.iter().map(json), || {
        cleaned.iter().map(readable).collect()
    })?;
    outcome(&cleaned)
}

fn clean(
    arguments: &CleanArguments,
    directory: &Directory,
    settings: &Settings,
    rule: Option<&DeleteRule>,
) -> Result<LifeReport, Failure> {
    let wanted = settings.store.life();
    if arguments.apply_settings {
        directory
            .keep_life_settings(&wanted)
            .map_err(|error| Failure::System(error.to_string()))?;
    }
    let settings = match rule {
        Some(rule) => LifeSettings { delete: vec![rule.clone()], ..LifeSettings::none() },
        None => directory.life_settings().unwrap_or(wanted),
    };
    let done = if arguments.dry_run {
        directory.plan_house(&settings)
    } else {
        recovery::sweep(directory).problems.iter().for_each(say);
        life::keep_house(directory, &settings).inspect(|_| {
            // For people and tools only; the next program writes it again.
            let _ = directory.count_actions(u64::MAX);
            let _ = directory.write_metadata();
        })
    };
    done.map_err(|error| Failure::System(error.to_string()))
}

/// The rule that the conditions make; `None` without any.
fn rule(arguments: &CleanArguments) -> Result<Option<DeleteRule>, Failure> {
    let size = |flag: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => logloom_config::parse_size(text).map(Some).ok_or_else(|| {
            Failure::Usage(format!("{flag} {text}: expected a size such as 500MB or 5GiB"))
        }),
    };
    let glob =
        |text: &String| Glob::new(text).map_err(|why| Failure::Usage(format!("--name: {why}")));
    let rule = DeleteRule {
        name: arguments.name.as_ref().map(glob).transpose()?,
        older_than_days: arguments.older_than,
        at_least_bytes: size("--at-least", &arguments.at_least)?,
        keep_files: arguments.keep_files,
        keep_bytes: size("--keep-size", &arguments.keep_size)?,
        is_test: false,
    };
    Ok((rule != DeleteRule::default()).then_some(rule))
}

fn outcome(cleaned: &[Cleaned]) -> Result<Outcome, Failure> {
    if cleaned.iter().any(|one| one.report.is_busy) {
        return Err(Failure::System(
            "another program is seeing to the finished files: try again when it is done".to_owned(),
        ));
    }
    match cleaned.iter().all(|one| one.report.kept.is_empty()) {
        true => Ok(Outcome::Done),
        false => Err(Failure::System("not everything could be done".to_owned())),
    }
}

fn json(one: &Cleaned) -> String {
    let LifeReport { sealed, compressed, indexed, deleted, kept, .. } = &one.report;
    let sealed = sealed.iter().map(|key| json_text(&key.file_name()));
    let compressed = compressed.iter().map(|file| {
        let name = json_text(&file.name);
        format!("{{\"name\":{name},\"before\":{},\"after\":{}}}", file.before, file.after)
    });
    let indexed = indexed
        .iter()
        .map(|file| format!("{{\"name\":{},\"bytes\":{}}}", json_text(&file.name), file.bytes));
    let deleted = deleted.iter().map(|file| {
        format!(
            "{{\"name\":{},\"bytes\":{},\"reason\":{},\"test\":{}}}",
            json_text(&file.name),
            file.bytes,
            json_text(&file.reason),
            file.is_test
        )
    });
    let kept = kept.iter().map(|file| {
        format!("{{\"name\":{},\"reason\":{}}}", json_text(&file.name), json_text(&file.reason))
    });
    format!(
        "{{\"directory\":{},\"dry_run\":{},\"busy\":{},\"sealed\":[{}],\"compressed\":[{}],\
         \"indexed\":[{}],\"deleted\":[{}],\"kept\":[{}],\"texts_deleted\":{}}}",
        json_text(&one.directory),
        one.is_dry,
        one.report.is_busy,
        sealed.collect::<Vec<_>>().join(","),
        compressed.collect::<Vec<_>>().join(","),
        indexed.collect::<Vec<_>>().join(","),
        deleted.collect::<Vec<_>>().join(","),
        kept.collect::<Vec<_>>().join(","),
        one.report.texts_deleted
    )
}

fn readable(one: &Cleaned) -> String {
    let LifeReport { sealed, compressed, indexed, deleted, kept, .. } = &one.report;
    let would = if one.is_dry { "would be " } else { "" };
    let mut text = format!("{}:\n", safe_line(&one.directory));
    for key in sealed {
        text += &format!("  {key} {would}sealed\n");
    }
    for file in compressed {
        let after = match one.is_dry {
            true => String::new(),
            false => format!(" to {}", bytes(file.after)),
        };
        let before = bytes(file.before);
        text += &format!("  {} {would}compressed, {before}{after}\n", safe_line(&file.name));
    }
    for file in indexed {
        text += &format!("  {} made, {}\n", safe_line(&file.name), bytes(file.bytes));
    }
    for file in deleted {
        let would = if one.is_dry || file.is_test { "would be " } else { "" };
        let (name, reason) = (safe_line(&file.name), safe_line(&file.reason));
        text += &format!("  {name} {would}deleted, {}: {reason}\n", bytes(file.bytes));
    }
    for file in kept {
        text += &format!("  {} stays: {}\n", safe_line(&file.name), safe_line(&file.reason));
    }
    if one.report.texts_deleted > 0 {
        text += &format!("  {} deleted\n", counted(one.report.texts_deleted, "full text"));
    }
    let freed = deleted.iter().filter(|file| !file.is_test).map(|file| file.bytes).sum();
    let count = deleted.iter().filter(|file| !file.is_test).count() as u64;
    match (sealed.len() + compressed.len() + indexed.len() + deleted.len() + kept.len(), count) {
        (0, _) if one.report.texts_deleted == 0 => text + "  nothing to do\n",
        (_, 0) => text,
        _ => text + &format!("  {} {would}deleted, {}\n", counted(count, "file"), bytes(freed)),
    }
}
