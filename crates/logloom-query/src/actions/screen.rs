//! Where a text is shown: how wide it may be, and whether it may have colours.
//!
//! Takes what the caller knows of its terminal, gives marks of colours and lines of tables.
//! Without a width nothing is cut.

/// The place of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns of the terminal; `None` for a file or a pipe, where nothing is cut.
    pub columns: Option<usize>,
    /// Whether colours are shown; default no.
    pub colours: bool,
}

impl Screen {
    pub(crate) fn bold(&self) -> &'static str {
        self.code("\u{1b}[1m")
    }

    pub(crate) fn dim(&self) -> &'static str {
        self.code("\u{1b}[2m")
    }

    pub(crate) fn off(&self) -> &'static str {
        self.code("\u{1b}[0m")
    }

    /// The colour of an action of this status and type; none for what is as it should be.
    pub(crate) fn state(&self, status: &str, is_error: bool) -> &'static str {
        match status {
            _ if is_error => self.code("\u{1b}[31m"),
            "failure" | "denied" | "timeout" | "cancelled" => self.code("\u{1b}[33m"),
            "success" => self.code("\u{1b}[32m"),
            _ => "",
        }
    }

    fn code(&self, code: &'static str) -> &'static str {
        if self.colours { code } else { "" }
    }
}
