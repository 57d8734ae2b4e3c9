//! Colours and styles, the same as those of `logloom query`; without colours weight and reversal
//! say what they can.

use logloom_record::Level;
use ratatui::style::{Color, Modifier, Style};

/// What things look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    is_coloured: bool,
}

impl Theme {
    pub(super) fn new(is_coloured: bool) -> Theme {
        Theme { is_coloured }
    }

    fn ink(self, colour: Color) -> Style {
        if self.is_coloured { Style::new().fg(colour) } else { Style::new() }
    }

    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    /// What stands back.
    pub(super) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(super) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What takes the keys.
    pub(super) fn active(self) -> Style {
        self.ink(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The name of who speaks, and of fields.
    pub(super) fn name(self) -> Style {
        self.ink(Color::Cyan)
    }

    pub(super) fn bad(self) -> Style {
        self.ink(Color::LightRed).add_modifier(Modifier::BOLD)
    }

    pub(super) fn warning(self) -> Style {
        self.ink(Color::Yellow)
    }

    pub(super) fn good(self) -> Style {
        self.ink(Color::Green)
    }

    /// Bars of records that are no warnings.
    pub(super) fn bar(self) -> Style {
        self.ink(Color::Indexed(67))
    }

    /// Bars of warnings.
    pub(super) fn warning_bar(self) -> Style {
        self.ink(Color::Indexed(179))
    }

    /// Bars of errors.
    pub(super) fn bad_bar(self) -> Style {
        self.ink(Color::Indexed(167))
    }

    /// The key of a row at the foot.
    pub(super) fn key(self) -> Style {
        self.ink(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The chosen row; with the keys it stands out.
    pub(super) fn chosen(self, has_keys: bool) -> Style {
        match (self.is_coloured, has_keys) {
            // With an ink of its own, which shows on light terminals too.
            (true, true) => Style::new().fg(Color::White).bg(Color::Indexed(238)),
            (true, false) => Style::new().fg(Color::White).bg(Color::Indexed(236)),
            (false, true) => Style::new().add_modifier(Modifier::REVERSED),
            (false, false) => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    pub(super) fn level(self, level: Option<Level>) -> Style {
        match level {
            Some(Level::Fatal) if self.is_coloured => {
                Style::new().fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD)
            }
            Some(Level::Fatal) => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Some(Level::Error) => self.bad(),
            Some(Level::Warn) => self.warning(),
            Some(Level::Info) => self.good(),
            Some(Level::Debug) => self.ink(Color::LightBlue),
            Some(Level::Trace) => self.dim(),
            _ => Style::new(),
        }
    }

    /// A line between panes.
    pub(super) fn rule(self, has_keys: bool) -> Style {
        if has_keys { self.active() } else { self.dim() }
    }
}
