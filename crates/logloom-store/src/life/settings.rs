//! What is done to closed files, and when. Plain data with defaults; nothing is refused here.

use super::rules::DeleteRule;
use crate::index::IndexSettings;
use crate::packed::Codec;

/// What is done to closed files, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeSettings {
    /// Files whose day ended at least so many days ago are deleted. `None` (the default): no age is too old.
    pub retention_days: Option<u32>,
    /// The oldest closed files are deleted until all files together take no more bytes on the disk. `None` (the
    /// default): no limit.
    pub max_total_size: Option<u64>,
    /// Files whose day ended at least so many days ago are compressed; 0: once they are sealed. `None`:
    /// never. Default 7.
    pub compress_after_days: Option<u32>,
    /// How they are compressed. Without the feature `zstd`, gzip in any case. Default gzip.
    pub codec: Codec,
    /// Their indexes. Default: those of [`IndexSettings`].
    pub index: IndexSettings,
    /// Further rules of deletion, after that of age and before that of size. Default: none.
    pub delete: Vec<DeleteRule>,
}

impl Default for LifeSettings {
    fn default() -> LifeSettings {
        LifeSettings {
            retention_days: None,
            max_total_size: None,
            compress_after_days: Some(7),
            codec: Codec::Gzip,
            index: IndexSettings::default(),
            delete: Vec::new(),
        }
    }
}

impl LifeSettings {
    /// Settings that leave every file as it is.
    pub fn none() -> LifeSettings {
        LifeSettings {
            retention_days: None,
            max_total_size: None,
            compress_after_days: None,
            codec: Codec::Gzip,
            index: IndexSettings { is_wanted: false, ..IndexSettings::default() },
            delete: Vec::new(),
        }
    }

    pub(super) fn rules_of_age(&self) -> Vec<DeleteRule> {
        let rule = |days| DeleteRule { older_than_days: Some(days), ..DeleteRule::default() };
        self.retention_days.map(rule).into_iter().collect()
    }

    pub(super) fn rules_of_size(&self) -> Vec<DeleteRule> {
        let rule = |bytes| DeleteRule { keep_bytes: Some(bytes), ..DeleteRule::default() };
        self.delete.iter().cloned().chain(self.max_total_size.map(rule)).collect()
    }
}
