//! Takes what somebody says of the lines of other programs, hands it to those who read them
//! (`run`, `follow`, `import`); refuses nothing, since only they can read the file and the zone.

/// How lines of other programs are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeSettings {
    /// File of patterns, formats of one's own, which are asked before the built-in ones; `none`, the
    /// default, for no file. A relative path begins where the command is started.
    pub patterns: String,
    /// Zone of times that name none: a name such as `Europe/Berlin`, an offset such as `+01:00`,
    /// `UTC`, or `local`, the default, for that of the system.
    pub zone: String,
}

impl Default for IntakeSettings {
    fn default() -> Self {
        IntakeSettings { patterns: "none".to_owned(), zone: "local".to_owned() }
    }
}
