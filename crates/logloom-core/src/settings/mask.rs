//! Takes what shall be masked, hands it to the encoder, the writer and recovery; refuses nothing (see
//! `validate`).

use crate::mask::MaskRule;

/// What is hidden: fields by their names, before they are copied anywhere, and secrets by their
/// shapes, before they reach a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskSettings {
    /// Whether anything is masked: the built-in table of secret names, `fields`, and all that
    /// follows. Default true.
    pub enabled: bool,
    /// Further names of secret fields, at most 1,024 of 1 to 256 bytes, any case. Default: none.
    pub fields: Vec<String>,
    /// Groups or kinds of secrets that are looked for in texts, as the manual's table names them;
    /// `all` for all, which is the default.
    pub shapes: Vec<String>,
    /// Sorts of personal data that are looked for in texts: `email`, `phone`, `identity_card`,
    /// `card`, `ip`, or `all`. Default: none.
    pub personal: Vec<String>,
    /// Whether the user's name in paths of home directories is replaced by `[USER]`. Default false.
    pub home_paths: bool,
    /// Rules of one's own, at most 256. Default: none.
    pub rules: Vec<MaskRule>,
    /// A phrase, the key of fingerprints: with it each mark ends in six digits that are the same for
    /// the same secret. Empty (the default) for none, else 16 to 256 bytes.
    pub fingerprint: String,
}

impl Default for MaskSettings {
    fn default() -> Self {
        MaskSettings {
            enabled: true,
            fields: Vec::new(),
            shapes: vec!["all".to_owned()],
            personal: Vec::new(),
            home_paths: false,
            rules: Vec::new(),
            fingerprint: String::new(),
        }
    }
}

impl MaskSettings {
    /// Everything that can be masked without settings of one's own.
    #[must_use]
    pub fn strictest() -> Self {
        MaskSettings {
            personal: vec!["all".to_owned()],
            home_paths: true,
            ..MaskSettings::default()
        }
    }
}
