//! What all processes of a directory hold to: the settings of its closed files, and when they were last seen
//! to. In come a process's own wishes; out go the settings that hold. A process alone in a directory decides;
//! one among others follows what is kept there, and is told so.

use std::fmt::Write;

use super::glob::Glob;
use super::rules::DeleteRule;
use super::settings::LifeSettings;
use super::{NS_A_DAY, SEAL_AFTER_NS};
use crate::directory::Directory;
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::index::IndexSettings;
use crate::json;
use crate::key::Day;
use crate::options::Warning;
use crate::packed::Codec;

const NAME: &str = "life.json";
const DONE: &str = "life.done";
const VERSION: u64 = 1;
const BYTES_MAX: u64 = 1 << 20;

impl Directory {
    /// The settings that hold for closed files here: those kept in the directory while another process that
    /// writes to it lives, else `wanted`, which are kept from then on. Differences are among
    /// [`Directory::warnings`].
    ///
    /// # Errors
    /// The catalogue is busy, or the settings cannot be written.
    pub fn agree_on_life(&self, wanted: &LifeSettings) -> Result<LifeSettings, StoreError> {
        let head = self.shared.head()?;
        let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
        let kept = self.life_settings();
        if kept.as_ref() == Some(wanted) {
            return Ok(wanted.clone());
        }
        let own = self.platform().process_id();
        let is_other =
            |writer: &crate::WriterView| !writer.life.is_dead() && writer.identity.pid != own;
        match kept.filter(|_| self.writers().is_ok_and(|writers| writers.iter().any(is_other))) {
            Some(kept) => {
                self.tell_differences(&kept, wanted);
                Ok(kept)
            }
            None => self.keep_life_settings(wanted).map(|()| wanted.clone()),
        }
    }

    /// The settings kept in the directory; `None` before a process has written to it, or when they cannot be
    /// read.
    pub fn life_settings(&self) -> Option<LifeSettings> {
        let text = self.shared.control.read_whole(NAME, BYTES_MAX).ok()?;
        from_json(&text)
    }

    /// Keeps settings in the directory, whoever writes to it.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep_life_settings(&self, settings: &LifeSettings) -> Result<(), StoreError> {
        let replaced = self.shared.control.replace(NAME, to_json(settings).as_bytes());
        replaced.map_err(StoreError::io(format!("write .logloom/{NAME}")))
    }

    /// Whether closed files were last seen to so many seconds ago, on another day, or at a time that is yet to
    /// come.
    pub fn is_house_due(&self, interval_seconds: u32) -> bool {
        let Ok(stat) = self.shared.control.stat_at(DONE) else { return true };
        let now = self.platform().realtime_ns();
        let last_seal = Day::from_unix_ns(now.saturating_sub(SEAL_AFTER_NS)).start_ns();
        let last_seal = last_seal.saturating_add(SEAL_AFTER_NS).min(now);
        let interval_ns = i64::from(interval_seconds) * 1_000_000_000;
        !(0..interval_ns).contains(&now.saturating_sub(stat.modified_ns))
            || stat.modified_ns < last_seal
    }

    /// Notes that closed files have been seen to.
    pub(super) fn note_house(&self) {
        // Where it cannot be noted, the next pass comes sooner.
        let _ = self.shared.control.replace(DONE, b"");
    }

    fn tell_differences(&self, kept: &LifeSettings, wanted: &LifeSettings) {
        let number = |value: Option<u64>| value.map_or("never".to_owned(), |n| n.to_string());
        let rules = |rules: &[DeleteRule]| match rules.len() {
            1 => "1 rule".to_owned(),
            count => format!("{count} rules"),
        };
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let pairs: [(&'static str, String, String); 8] = [
            (
                "store.retention.days",
                number(kept.retention_days.map(u64::from)),
                number(wanted.retention_days.map(u64::from)),
            ),
            (
                "store.retention.max_total_size",
                number(kept.max_total_size),
                number(wanted.max_total_size),
            ),
            (
                "store.compress_after_days",
                number(kept.compress_after_days.map(u64::from)),
                number(wanted.compress_after_days.map(u64::from)),
            ),
            ("store.codec", kept.codec.name().to_owned(), wanted.codec.name().to_owned()),
            ("store.delete", rules(&kept.delete), rules(&wanted.delete)),
            ("store.index.build", yes(kept.index.is_wanted), yes(wanted.index.is_wanted)),
            (
                "store.index.max_per_mille",
                kept.index.max_per_mille.to_string(),
                wanted.index.max_per_mille.to_string(),
            ),
            (
                "store.index.skip_fields",
                kept.index.skip_fields.join(" "),
                wanted.index.skip_fields.join(" "),
            ),
        ];
        let differs = [
            kept.retention_days != wanted.retention_days,
            kept.max_total_size != wanted.max_total_size,
            kept.compress_after_days != wanted.compress_after_days,
            kept.codec != wanted.codec,
            kept.delete != wanted.delete,
            kept.index.is_wanted != wanted.index.is_wanted,
            kept.index.max_per_mille != wanted.index.max_per_mille,
            kept.index.skip_fields != wanted.index.skip_fields,
        ];
        for ((setting, store, asked), _) in pairs.into_iter().zip(differs).filter(|(_, is)| *is) {
            self.shared.warn(Warning::SettingDiffers { setting, store, asked });
        }
    }
}

fn to_json(settings: &LifeSettings) -> String {
    let mut text = format!("{{\"version\":{VERSION}");
    put(&mut text, "retention_days", settings.retention_days.map(u64::from));
    put(&mut text, "max_total_size", settings.max_total_size);
    put(&mut text, "compress_after_days", settings.compress_after_days.map(u64::from));
    let _ = write!(text, ",\"codec\":\"{}\",\"delete\":[", settings.codec.name());
    for (index, rule) in settings.delete.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{{\"test\":{}", rule.is_test);
        if let Some(name) = &rule.name {
            let _ = write!(text, ",\"name\":{}", json::quote(&name.to_string()));
        }
        put(&mut text, "older_than_days", rule.older_than_days.map(u64::from));
        put(&mut text, "at_least_bytes", rule.at_least_bytes);
        put(&mut text, "keep_files", rule.keep_files.map(u64::from));
        put(&mut text, "keep_bytes", rule.keep_bytes);
        text.push('}');
    }
    let index = &settings.index;
    let skip: Vec<String> = index.skip_fields.iter().map(|path| json::quote(path)).collect();
    let _ = writeln!(
        text,
        "],\"index\":{},\"index_max_per_mille\":{},\"index_skip_fields\":[{}]}}",
        index.is_wanted,
        index.max_per_mille,
        skip.join(",")
    );
    text
}

fn put(text: &mut String, name: &str, value: Option<u64>) {
    if let Some(value) = value {
        let _ = write!(text, ",\"{name}\":{value}");
    }
}

fn from_json(text: &[u8]) -> Option<LifeSettings> {
    let members = json::members(text)?;
    if json::unsigned(&members, "version")? != VERSION {
        return None;
    }
    let name = json::text(&members, "codec")?;
    let rules = json::objects(&members, "delete")?;
    Some(LifeSettings {
        retention_days: small(&members, "retention_days")?,
        max_total_size: json::unsigned(&members, "max_total_size"),
        compress_after_days: small(&members, "compress_after_days")?,
        codec: Codec::ALL.into_iter().find(|codec| codec.name() == name)?,
        index: index(&members)?,
        delete: rules.iter().map(rule).collect::<Option<_>>()?,
    })
}

/// The settings of indexes; the defaults where an earlier version wrote none.
fn index(members: &json::Members<'_>) -> Option<IndexSettings> {
    let Some(wanted) = json::raw(members, "index") else { return Some(IndexSettings::default()) };
    Some(IndexSettings {
        is_wanted: wanted == b"true",
        max_per_mille: small(members, "index_max_per_mille")??,
        skip_fields: json::texts(members, "index_skip_fields")?,
        ..IndexSettings::default()
    })
}

fn rule(members: &json::Members<'_>) -> Option<DeleteRule> {
    let name = match json::raw(members, "name") {
        None => None,
        Some(_) => Some(Glob::new(&json::text(members, "name")?).ok()?),
    };
    Some(DeleteRule {
        name,
        older_than_days: small(members, "older_than_days")?,
        at_least_bytes: json::unsigned(members, "at_least_bytes"),
        keep_files: small(members, "keep_files")?,
        keep_bytes: json::unsigned(members, "keep_bytes"),
        is_test: json::raw(members, "test")? == b"true",
    })
}

fn small(members: &json::Members<'_>, name: &str) -> Option<Option<u32>> {
    match json::unsigned(members, name) {
        None => Some(None),
        Some(value) => u32::try_from(value).ok().map(Some),
    }
}

// A pass that noted itself within the grace period of a day's end has not sealed that day.
const _: () = assert!(SEAL_AFTER_NS < NS_A_DAY);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn settings_round_trip() {
        let rule = DeleteRule {
            name: Some(Glob::new("a\"*").unwrap()),
            older_than_days: Some(3),
            at_least_bytes: Some(4),
            keep_files: Some(5),
            keep_bytes: Some(u64::MAX),
            is_test: true,
        };
        let full = LifeSettings {
            codec: Codec::Zstd,
            index: IndexSettings {
                is_wanted: false,
                max_per_mille: 7,
                skip_fields: vec!["a\"b".to_owned(), "c*".to_owned()],
                ..IndexSettings::default()
            },
            delete: vec![rule, DeleteRule::default()],
            ..LifeSettings::default()
        };
        for settings in [LifeSettings::default(), LifeSettings::none(), full] {
            let text = to_json(&settings);
            let _: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(from_json(text.as_bytes()), Some(settings));
        }
    }

    #[test]
    fn what_was_kept_before_there_were_indexes_wants_them() {
        let text = r#"{"version":1,"compress_after_days":7,"codec":"gzip","delete":[]}"#;
        assert_eq!(from_json(text.as_bytes()), Some(LifeSettings::default()));
    }

    #[test]
    fn other_documents_are_refused() {
        for text in ["", "{}", "{\"version\":2,\"codec\":\"gzip\",\"delete\":[]}"] {
            assert_eq!(from_json(text.as_bytes()), None);
        }
    }
}
