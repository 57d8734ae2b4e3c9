//! Takes a default level and levels by module, hands on the level of any module; refuses a level
//! name it does not know only by saying so (the program starts with the default all the same).

use logloom_record::Level;

use super::validate::Warning;

/// Which records are recorded: those whose level is at or above the level of their module.
///
/// A rule for `shop` holds for `shop`, `shop.payments` and `shop::payments`, not for `shopping`.
/// The longest matching rule wins, whatever its place; of two for one module the later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelRules {
    /// Level of every module without a rule. Default [`Level::Info`].
    pub default: Level,
    /// Rules by module, at most 4,096. Default: none.
    pub by_module: Vec<ModuleLevel>,
}

/// One rule: the level of a module and of all beneath it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleLevel {
    /// Name of the module, 1 to 1,024 bytes; `.` and `::` separate its parts and mean the same. No
    /// part is empty ([`LevelRules::module_problem`]).
    pub module: String,
    /// Lowest level that is recorded.
    pub level: Level,
}

impl Default for LevelRules {
    fn default() -> Self {
        LevelRules { default: Level::Info, by_module: Vec::new() }
    }
}

impl LevelRules {
    /// Lowest level that is recorded for `module`. Looks at every rule: callers keep the answer.
    pub fn level_for(&self, module: &str) -> Level {
        self.rule_for(module).unwrap_or(self.default)
    }

    /// Lowest level that is recorded for `module` of a logger that has levels of its own, which have
    /// decided already: a rule for the module counts, and a default above INFO does.
    pub fn level_for_decided(&self, module: &str) -> Level {
        let default = if self.default > Level::Info { self.default } else { Level::Trace };
        self.rule_for(module).unwrap_or(default)
    }

    fn rule_for(&self, module: &str) -> Option<Level> {
        let mut longest: Option<(usize, Level)> = None;
        for rule in &self.by_module {
            let Some(parts) = matching_parts(&rule.module, module) else {
                continue;
            };
            if longest.is_none_or(|(most, _)| parts >= most) {
                longest = Some((parts, rule.level));
            }
        }
        longest.map(|(_, level)| level)
    }

    /// Sets the level of `module`, in place of an earlier rule for the same name.
    pub fn set(&mut self, module: &str, level: Level) {
        match self.by_module.iter_mut().find(|rule| same_module(&rule.module, module)) {
            Some(rule) => rule.level = level,
            None => self.by_module.push(ModuleLevel { module: module.to_owned(), level }),
        }
    }

    /// Why no rule can be for a module of this name; `None` when one can. It would fit no record, and
    /// nobody would learn of it.
    pub fn module_problem(module: &str) -> Option<String> {
        let has_colon = |part: &str| part.starts_with(':') || part.ends_with(':');
        let problem = match module {
            "" => return Some("an empty name is impossible".to_owned()),
            _ if module.len() > MODULE_BYTES_MAX => {
                return Some(format!(
                    "{} bytes are too many, at most {MODULE_BYTES_MAX}",
                    module.len()
                ));
            }
            _ if parts(module).any(str::is_empty) => {
                "has an empty part; put one `.` or `::` between parts"
            }
            _ if parts(module).any(has_colon) => "has a single `:`; put `.` or `::` between parts",
            _ if parts(module).any(|part| part.trim() != part) => {
                "has a space at the end of a part"
            }
            _ => return None,
        };
        Some(format!("{module:?} {problem}"))
    }

    /// The level called `name`, else this table's default with a warning for the caller to count
    /// and show once: a program never fails to start for the name of a level. `key` says whose
    /// level it is, for example `levels."shop.payments"`.
    pub fn level_or_default(&self, key: &str, name: &str) -> (Level, Option<Warning>) {
        match Level::parse(name) {
            Ok(level) => (level, None),
            Err(unknown) => {
                let message = format!("{unknown}; {} is used", self.default.as_str());
                (self.default, Some(Warning { key: key.to_owned(), message }))
            }
        }
    }
}

/// Most bytes of the name of a module.
const MODULE_BYTES_MAX: usize = 1_024;

/// Parts of a module's name. Both separators may be mixed, since a rule written for Python's
/// `shop.payments` shall hold for Rust's `shop::payments`.
pub(super) fn parts(module: &str) -> impl Iterator<Item = &str> {
    module.split("::").flat_map(|part| part.split('.'))
}

pub(super) fn matching_parts(rule: &str, module: &str) -> Option<usize> {
    let mut module_parts = parts(module);
    let mut count = 0;
    for part in parts(rule) {
        if module_parts.next() != Some(part) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

fn same_module(left: &str, right: &str) -> bool {
    parts(left).eq(parts(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(list: &[(&str, Level)]) -> LevelRules {
        let mut rules = LevelRules::default();
        for (module, level) in list {
            rules.by_module.push(ModuleLevel { module: (*module).to_owned(), level: *level });
        }
        rules
    }

    #[test]
    fn the_longest_prefix_on_a_boundary_wins() {
        let rules = rules(&[
            ("shop.payments.card", Level::Trace),
            ("shop", Level::Warn),
            ("shop::payments", Level::Debug),
        ]);
        let cases = [
            ("shop", Level::Warn),
            ("shop.orders", Level::Warn),
            ("shop::orders::basket", Level::Warn),
            ("shop.payments", Level::Debug),
            ("shop::payments::bank", Level::Debug),
            ("shop.payments.card", Level::Trace),
            ("shop::payments.card::visa", Level::Trace),
            ("shop.payments.cardinal", Level::Debug),
            ("shopping", Level::Info),
            ("", Level::Info),
        ];
        for (module, level) in cases {
            assert_eq!(rules.level_for(module), level, "{module}");
        }
    }

    #[test]
    fn loggers_with_levels_of_their_own_are_held_back_by_what_was_asked_for() {
        let mut rules = rules(&[("shop", Level::Warn)]);
        assert_eq!(rules.level_for_decided("shop.orders"), Level::Warn);
        assert_eq!(rules.level_for_decided("other"), Level::Trace);
        rules.default = Level::Error;
        assert_eq!(rules.level_for_decided("other"), Level::Error);
    }

    #[test]
    fn a_later_rule_for_the_same_module_wins() {
        let mut rules = rules(&[("a", Level::Warn), ("a", Level::Debug)]);
        assert_eq!(rules.level_for("a.b"), Level::Debug);
        rules = LevelRules::default();
        rules.set("a::b", Level::Warn);
        rules.set("a.b", Level::Error);
        assert_eq!(rules.by_module.len(), 1);
        assert_eq!(rules.level_for("a.b"), Level::Error);
    }

    #[test]
    fn a_module_that_no_record_can_have_is_refused() {
        let good = ["shop", "shop.payments", "shop::payments", "my app", "a.b::c", "größe"];
        for module in good {
            assert_eq!(LevelRules::module_problem(module), None);
        }
        let long = "x".repeat(MODULE_BYTES_MAX + 1);
        for (module, problem) in [
            ("", "an empty name is impossible"),
            ("shop..payments", "\"shop..payments\" has an empty part"),
            (".shop", "has an empty part"),
            ("shop::", "has an empty part"),
            ("shop::.payments", "has an empty part"),
            ("shop:payments:", "has a single `:`"),
            ("shop:::payments", "has a single `:`"),
            ("shop. payments", "has a space"),
            (&long, "1025 bytes are too many, at most 1024"),
        ] {
            let told = LevelRules::module_problem(module).unwrap_or_default();
            assert!(told.contains(problem), "{module}: {told}");
        }
    }

    #[test]
    fn an_unknown_level_is_the_default_and_one_warning() {
        let rules = LevelRules::default();
        assert_eq!(rules.level_or_default("levels.default", "warning"), (Level::Warn, None));
        let (level, warning) = rules.level_or_default("levels.default", "DEBG");
        let warning = warning.expect("an unknown name is reported");
        assert_eq!((level, warning.key.as_str()), (Level::Info, "levels.default"));
        assert!(warning.message.contains("DEBG"), "{warning}");
        assert!(warning.message.ends_with("; INFO is used"), "{warning}");
    }
}
