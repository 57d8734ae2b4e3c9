//! Takes configurations as people write them, hands on what the crate must say to them.
//!
//! `bad_files`: the exact message for each mistake. `values`: every form a value can have.
//! `layers`: which layer wins, and origins. `files`: finding and reading. `reload`: a file that
//! changes. `mask_rules`: files of rules. `reference`: the published schema and documentation against the table.

mod bad_files;
mod files;
mod layers;
mod mask_rules;
mod reference;
mod reload;
mod values;
