//! Takes shares by level and rules, hands on which rule decides about the records of a call site;
//! refuses what cannot be a share.

use std::fmt;
use std::time::Duration;

use logloom_record::Level;

use super::levels::matching_parts;

/// Most rules.
pub const RULES_MAX: usize = 64;

/// How much of something is kept, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// Everything.
    pub const ALL: Share = Share(Self::WHOLE);
    /// Nothing.
    pub const NONE: Share = Share(0);
    /// One of ten: what is kept where sampling is on and nothing else is said.
    pub const DEFAULT: Share = Share(Self::WHOLE / 10);

    const WHOLE: u32 = 1_000_000_000;

    /// A number from 0 to 1; `None` for any other.
    #[must_use]
    pub fn new(share: f64) -> Option<Share> {
        let is_share = (0.0..=1.0).contains(&share);
        is_share.then(|| Share((share * f64::from(Self::WHOLE)).round() as u32))
    }

    /// As a number from 0 to 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(Self::WHOLE)
    }

    pub(crate) fn billionths(self) -> u32 {
        self.0
    }

    pub(crate) fn of_billionths(billionths: u32) -> Share {
        Share(billionths.min(Self::WHOLE))
    }

    /// Below which a number of 64 random bits has to be.
    pub(crate) fn threshold(self) -> u128 {
        (u128::from(self.0) << 64) / u128::from(Self::WHOLE)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.as_f64())
    }
}

/// Which records are left out on purpose, and which share of them is kept. Actions are never sampled, nor
/// what the commands read of other programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleSettings {
    /// Whether sampling is on. Default `None`: where a level has a share, or there is a rule. With `true`
    /// TRACE, DEBUG and INFO without a share of their own have [`Share::DEFAULT`].
    pub enabled: Option<bool>,
    /// Shares by level, TRACE first. Default: none. WARN and above are kept unless they have one here.
    pub by_level: [Option<Share>; 6],
    /// Rules, of which the first that fits decides, before the shares by level. At most [`RULES_MAX`].
    pub rules: Vec<SampleRule>,
    /// Loggers whose records are all kept, unless a rule names loggers and fits: those that have one of these
    /// as a part of their name. Default `audit`, `security`.
    pub except: Vec<String>,
    /// How often the log tells what was left out. Default 60 s, limits 1 s and 24 h.
    pub report_every: Duration,
    /// What chance begins with. Default 0: then the share of traces agrees with samplers of OpenTelemetry
    /// that look at the trace id.
    pub seed: u32,
}

/// One rule. What it does not name it does not ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRule {
    /// Its name in metrics and in the log: 1 to 64 of letters, digits, `_`, `-`, `.`; no two have the same.
    pub name: String,
    /// Levels. Empty: TRACE, DEBUG and INFO.
    pub levels: Vec<Level>,
    /// Loggers, each with all beneath it. Empty: any.
    pub loggers: Vec<String>,
    /// Templates of messages; `*` stands for any text. Empty: any.
    pub messages: Vec<String>,
    /// Share of the records that is kept beyond `first` and `every`. Default [`Share::DEFAULT`], and
    /// [`Share::NONE`] where `first` or `every` is set.
    pub rate: Option<Share>,
    /// How many records of a call site are kept in each interval, whatever the share. Default 0.
    pub first: u32,
    /// Of those beyond `first` each one of so many is kept. Default 0: none.
    pub every: u32,
    /// The interval. Default 1 s, limits 1 ms and 24 h.
    pub interval: Duration,
}

impl Default for SampleSettings {
    fn default() -> Self {
        SampleSettings {
            enabled: None,
            by_level: [None; 6],
            rules: Vec::new(),
            except: vec!["audit".to_owned(), "security".to_owned()],
            report_every: Duration::from_secs(60),
            seed: 0,
        }
    }
}

impl Default for SampleRule {
    fn default() -> Self {
        SampleRule {
            name: String::new(),
            levels: Vec::new(),
            loggers: Vec::new(),
            messages: Vec::new(),
            rate: None,
            first: 0,
            every: 0,
            interval: Duration::from_secs(1),
        }
    }
}

impl SampleSettings {
    /// Whether anything may be left out.
    #[must_use]
    pub fn is_on(&self) -> bool {
        let has_any = !self.rules.is_empty() || self.by_level.iter().any(Option::is_some);
        self.enabled.unwrap_or(has_any)
    }

    /// Sets the share of one level.
    pub fn set(&mut self, level: Level, share: Share) {
        self.by_level[usize::from(level as u8 - Level::Trace as u8)] = Some(share);
    }

    /// The share of `level` where no rule fits; `None` where all is kept.
    #[must_use]
    pub fn share_of(&self, level: Level) -> Option<Share> {
        let share = self.by_level[usize::from(level as u8 - Level::Trace as u8)];
        let is_low = level <= Level::Info && self.enabled == Some(true);
        share.or(is_low.then_some(Share::DEFAULT)).filter(|share| *share < Share::ALL)
    }

    /// The rule that decides about records of this level, logger and template; `None` where all are kept.
    /// Looks at every rule: callers keep the answer.
    #[must_use]
    pub fn rule_for(&self, level: Level, module: &str, template: &str) -> Option<SampleRule> {
        if !self.is_on() {
            return None;
        }
        let is_excepted = self.is_excepted(module);
        let fits = |rule: &&SampleRule| {
            rule.fits(level, module, template) && !(is_excepted && rule.loggers.is_empty())
        };
        if let Some(rule) = self.rules.iter().find(fits) {
            return (!rule.keeps_all()).then(|| rule.clone());
        }
        let rate = self.share_of(level).filter(|_| !is_excepted)?;
        let name = level.as_str().to_owned();
        Some(SampleRule { name, rate: Some(rate), ..SampleRule::default() })
    }

    fn is_excepted(&self, module: &str) -> bool {
        super::levels::parts(module).any(|part| self.except.iter().any(|name| name == part))
    }
}

impl SampleRule {
    /// The share that is kept beyond `first` and `every`.
    #[must_use]
    pub fn share(&self) -> Share {
        let counts = self.first > 0 || self.every > 0;
        self.rate.unwrap_or(if counts { Share::NONE } else { Share::DEFAULT })
    }

    fn keeps_all(&self) -> bool {
        self.share() == Share::ALL || self.every == 1
    }

    fn fits(&self, level: Level, module: &str, template: &str) -> bool {
        let has_level = match self.levels.is_empty() {
            true => level <= Level::Info,
            false => self.levels.contains(&level),
        };
        let is_under = |name: &String| matching_parts(name, module).is_some();
        let is_like = |pattern: &String| is_like(pattern, template);
        has_level
            && (self.loggers.is_empty() || self.loggers.iter().any(is_under))
            && (self.messages.is_empty() || self.messages.iter().any(is_like))
    }
}

/// Whether a text is like a pattern whose `*` stand for any text.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let Some((middle, end)) = rest.rsplit_once('*') else { return text.ends_with(rest) };
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(settings: &SampleSettings, module: &str) -> Vec<Option<String>> {
        let rule = |level| settings.rule_for(level, module, "signed in").map(|rule| rule.name);
        Level::ALL.map(rule).to_vec()
    }

    #[test]
    fn what_is_warn_or_more_is_kept_unless_asked() {
        let mut settings = SampleSettings::default();
        assert_eq!(names(&settings, "shop"), vec![None; 6]);
        settings.enabled = Some(true);
        let low: Vec<_> = ["TRACE", "DEBUG", "INFO"].map(|name| Some(name.to_owned())).into();
        assert_eq!(names(&settings, "shop"), [&low[..], &[None, None, None]].concat());
        settings.rules = vec![SampleRule { name: "all".to_owned(), ..SampleRule::default() }];
        let all = Some("all".to_owned());
        let low = [all.clone(), all.clone(), all];
        assert_eq!(names(&settings, "shop"), [&low[..], &[None, None, None]].concat());
        settings.by_level[4] = Share::new(0.5);
        assert_eq!(names(&settings, "shop")[4].as_deref(), Some("ERROR"));
        settings.enabled = Some(false);
        assert_eq!(names(&settings, "shop"), vec![None; 6]);
    }

    #[test]
    fn shares_by_level_alone_switch_it_on_for_these_levels() {
        let mut settings = SampleSettings::default();
        settings.by_level[1] = Share::new(0.1);
        let found = names(&settings, "shop");
        assert_eq!(found[1].as_deref(), Some("DEBUG"));
        assert_eq!(found.iter().flatten().count(), 1);
    }

    #[test]
    fn audit_records_are_kept_unless_a_rule_names_their_logger() {
        let mut settings = SampleSettings { enabled: Some(true), ..SampleSettings::default() };
        assert_eq!(names(&settings, "shop.audit::login"), vec![None; 6]);
        assert!(names(&settings, "shop.auditor")[2].is_some());
        settings.rules = vec![SampleRule { name: "any".to_owned(), ..SampleRule::default() }];
        assert_eq!(names(&settings, "shop.audit"), vec![None; 6]);
        settings.rules[0].loggers = vec!["shop.audit".to_owned()];
        assert_eq!(names(&settings, "shop.audit")[2].as_deref(), Some("any"));
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rule = |name: &str, loggers: &[&str], messages: &[&str], rate: f64| SampleRule {
            name: name.to_owned(),
            loggers: loggers.iter().map(|name| (*name).to_owned()).collect(),
            messages: messages.iter().map(|text| (*text).to_owned()).collect(),
            rate: Share::new(rate),
            ..SampleRule::default()
        };
        let rules = vec![
            rule("kept", &["shop.payments"], &[], 1.0),
            rule("health", &[], &["GET /health*"], 0.0),
            rule("rest", &["shop"], &[], 0.5),
        ];
        let settings = SampleSettings { rules, ..SampleSettings::default() };
        let name =
            |module, text| settings.rule_for(Level::Info, module, text).map(|rule| rule.name);
        assert_eq!(name("shop::payments.card", "GET /healthz"), None);
        assert_eq!(name("web", "GET /healthz").as_deref(), Some("health"));
        assert_eq!(name("shop", "signed in").as_deref(), Some("rest"));
        assert_eq!(name("web", "signed in"), None);
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("*x*x*", "x", false),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_share_is_from_0_to_1() {
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Share::new(wrong), None);
        }
        assert_eq!(Share::new(0.25).map(|share| share.to_string()).as_deref(), Some("0.25"));
        assert_eq!(Share::ALL.threshold(), 1 << 64);
    }
}
