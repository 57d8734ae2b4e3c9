//! Directories of log files for tests, made without a writer.

use std::sync::Arc;

use logloom_record::Level;
use logloom_record::time::format_rfc3339;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};
use proptest::prelude::*;
use tempfile::TempDir;

pub(crate) fn line(second: i64, level: &str, message: &str) -> String {
    let time = format_rfc3339(second * 1_000_000_000, 6);
    format!(r#"{{"timestamp":"{time}","level":"{level}","service":"shop","message":"{message}"}}"#)
}

pub(crate) fn write_day(directory: &TempDir, name: &str, lines: &[&str]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(directory.path().join(name), text).unwrap();
}

pub(crate) fn open(directory: &TempDir) -> Directory {
    Directory::open(directory.path(), Options::reader(), Arc::new(LinuxPlatform)).unwrap()
}

/// One line, what it says, and the file it is in.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) file: usize,
    pub(crate) second: Option<i64>,
    pub(crate) level: Level,
    pub(crate) is_whole: bool,
    pub(crate) line: String,
}

impl Sample {
    /// Lines of which some have no time and some are damaged.
    pub(crate) fn any(day: i64) -> impl Strategy<Value = Sample> {
        (0usize..3, 0i64..40, 0usize..6, 0u8..10, any::<u16>()).prop_map(
            move |(file, second, level, form, tag)| {
                let level = Level::ALL[level];
                let whole = line(day + second, level.as_str(), &tag.to_string());
                match form {
                    0 => Sample {
                        file,
                        second: None,
                        level,
                        is_whole: false,
                        line: format!("{whole}x"),
                    },
                    1 => {
                        let line = format!(r#"{{"level":"{level}","n":{tag}}}"#);
                        Sample { file, second: None, level, is_whole: true, line }
                    }
                    _ => Sample { file, second: Some(second), level, is_whole: true, line: whole },
                }
            },
        )
    }
}
