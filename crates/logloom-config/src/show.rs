//! Takes resolved settings, hands on every key with its value and origin, for `logloom config
//! show`; refuses to show what this version does not have.

use logloom_core::settings::Settings;

use crate::keys::{KEYS, Kind, shown};
use crate::load::Resolved;
use crate::origin::Origin;

/// One line of `logloom config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Path of the key.
    pub key: String,
    /// The value in force, as it would be written in the file.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
    /// Whether this version does what it says. Where not, the value is checked and nothing else.
    pub in_force: bool,
}

/// Every key that has a setting, in the order of the documentation, and a line for each module
/// with a level of its own.
pub fn show(resolved: &Resolved) -> Vec<Shown> {
    let line = |(key, value): (String, String)| Shown {
        origin: resolved.origin(&key).clone(),
        in_force: !KEYS.iter().any(|known| known.path == key && known.is_later()),
        key,
        value,
    };
    values(&resolved.settings).into_iter().map(line).collect()
}

/// Keys and values of `settings`.
pub(crate) fn values(settings: &Settings) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for key in KEYS {
        match key.kind {
            Kind::ModuleLevel => values.extend(modules(settings)),
            kind => {
                let value = kind.shown(settings);
                values.extend(value.map(|value| (key.path.to_owned(), value)));
            }
        }
    }
    values
}

fn modules(settings: &Settings) -> impl Iterator<Item = (String, String)> + '_ {
    settings.levels.by_module.iter().map(|rule| {
        let path = ["levels".to_owned(), rule.module.clone()];
        (shown(&path), rule.level.as_str().to_owned())
    })
}
