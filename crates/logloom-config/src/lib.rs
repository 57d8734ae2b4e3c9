//! Takes YAML, environment and flags, hands on the typed settings with their origin; never starts
//! anything.
//!
//! The order is defaults < `logloom.yaml` < environment (`LOGLOOM__STORE__DIR`) < code < command
//! line. [`load`] is strict and lists every problem with its place; [`load_or_default`] is for a
//! library, whose program must start whatever it finds; [`Watcher`] reads the file again while
//! the program runs.
//!
//! One table, in `keys/table.rs`, is the definition of the configuration: the parser, the
//! environment, [`show`], [`schema`] and the reference in `docs/configuration.md` are made from
//! it. Derived deserialisers would stop at the first problem and know no origins, so the file is
//! read into a tree with places and the table is laid over that.

mod apply;
mod convert;
mod file;
mod keys;
mod load;
mod mask_rules;
mod origin;
mod reference;
mod reload;
mod report;
mod schema;
mod settings_json;
mod show;
mod sources;
mod units;
mod value;
mod yaml;

pub use load::{Resolved, check, load, load_or_default, load_str};
pub use mask_rules::{MaskRuleEntry, read_mask_rules};
pub use origin::Origin;
pub use reference::reference;
pub use reload::{Change, Reloaded, Watcher};
pub use report::{Colours, Excerpt, Problem, Report};
pub use schema::schema;
pub use settings_json::{
    AgentSettings, SETTINGS_NAME, SETTINGS_VARIABLE, settings_json_check, settings_json_find,
    settings_json_load, settings_json_resolve,
};
pub use show::{Shown, show};
pub use sources::{FILE_NAME, FILE_VARIABLE, Flag, Sources, VARIABLE_PREFIX};
pub use units::parse_size;
