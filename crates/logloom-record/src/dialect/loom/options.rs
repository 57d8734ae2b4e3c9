//! What the settings say about a line, and what the caller must bring to have one rendered.

use std::collections::HashMap;

use super::planned::Planned;

/// Least line limit; a smaller setting counts as this.
const LINE_BYTES_MIN: usize = 16 * 1024;

/// What a line contains beside its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoomOptions {
    /// Name of the service; empty (the default) for none. Written up to 512 bytes.
    pub service: String,
    /// Whether to write the source file. Default: no.
    pub include_file: bool,
    /// Whether to write the source line. Default: no.
    pub include_line: bool,
    /// Whether to write the thread's name. Default: no.
    pub include_thread: bool,
    /// Whether to write the process id. Default: no.
    pub include_pid: bool,
    /// Whether to write the host name. Default: no.
    pub include_host: bool,
    /// Whether to write the template of a message. Default: yes.
    pub include_template: bool,
    /// Digits of a second's fraction: 6 (the default) or 9; more than 6 counts as 9, fewer as 6.
    pub time_digits: u8,
    /// Longest line in bytes, its line break included. Default 1 MiB, at least 16 KiB. The longest
    /// texts of a longer line are cut with a mark; if that is not enough, its last fields.
    pub max_line_bytes: usize,
    /// The host name, written up to 512 bytes.
    pub host: String,
    /// The process id.
    pub pid: u32,
}

impl Default for LoomOptions {
    fn default() -> LoomOptions {
        LoomOptions {
            service: String::new(),
            include_file: false,
            include_line: false,
            include_thread: false,
            include_pid: false,
            include_host: false,
            include_template: true,
            time_digits: 6,
            max_line_bytes: 1 << 20,
            host: String::new(),
            pid: 0,
        }
    }
}

impl LoomOptions {
    /// The limit that counts.
    pub(super) fn line_limit(&self) -> usize {
        self.max_line_bytes.max(LINE_BYTES_MIN)
    }

    pub(super) fn digits(&self) -> u8 {
        if self.time_digits > 6 { 9 } else { 6 }
    }

    /// Whether a line has the field of this name, among those that are optional.
    pub(super) fn writes(&self, name: &str) -> bool {
        match name {
            "file" => self.include_file,
            "line" => self.include_line,
            "thread" => self.include_thread,
            "pid" => self.include_pid,
            "host" => self.include_host,
            _ => false,
        }
    }

    pub(super) fn is_reserved(&self, name: &str) -> bool {
        crate::names::is_reserved(name, |name| self.writes(name))
    }
}

/// What became of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Something was cut to keep to the limit of a line.
    pub truncated: bool,
    /// The record's bytes were damaged; the line has what could be read.
    pub damaged: bool,
    /// Where the twenty digits stand that the number of an action takes the place of.
    pub number_at: Option<usize>,
    /// What the caller brought as text, from the first of it to the last, with names of keys that are not
    /// of the site. What stands beside it in the line is [constant](super::SitePlan::constants), a time, or
    /// numbers and the like.
    pub texts: Span,
}

/// A part of the buffer; empty where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its first byte.
    pub start: usize,
    /// The first byte behind it.
    pub end: usize,
}

impl Span {
    /// Makes it reach to `end`, and begin at `start` if it is empty so far.
    #[inline]
    pub(super) fn extend(&mut self, start: usize, end: usize) {
        if self.end == 0 {
            self.start = start;
        }
        self.end = end;
    }
}

/// How a key stands in every line, worked out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlan(pub(super) Planned);

/// Names of the keys that records refer to by number.
pub trait KeyTable {
    /// The name of a key; `None` for a number that is not known, which is written as `key_<n>`.
    fn key(&self, number: u32) -> Option<&str>;

    /// The plan of a key, made of its name and of the options that the line is written with. `None`
    /// (the default) where there is none, and it must be for all but one of the numbers that have the
    /// same name. Lines are the same with and without; with plans they are written faster.
    fn plan(&self, _number: u32) -> Option<&KeyPlan> {
        None
    }
}

/// No keys.
impl KeyTable for () {
    fn key(&self, _number: u32) -> Option<&str> {
        None
    }
}

impl KeyTable for HashMap<u32, String> {
    fn key(&self, number: u32) -> Option<&str> {
        self.get(&number).map(String::as_str)
    }
}

impl<T: KeyTable + ?Sized> KeyTable for &T {
    fn key(&self, number: u32) -> Option<&str> {
        (**self).key(number)
    }

    fn plan(&self, number: u32) -> Option<&KeyPlan> {
        (**self).plan(number)
    }
}
