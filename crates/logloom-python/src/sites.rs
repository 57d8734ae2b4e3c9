//! Loggers and call sites as the ring knows them. A name or a place with what is logged there comes
//! in, a site that lives as long as the process goes out; their number is bounded, and what comes
//! beyond shares one site for each logger and level.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use logloom_record::{Level, MessageKind, printf};
use logloom_ring::Site;
use logloom_ring::front;
use logloom_ring::site::{OFF, UNKNOWN};

/// Most call sites of a process.
const SITES_MAX: usize = 16_384;
/// Most sites of one line of code: what is logged there may differ from call to call.
const SITES_OF_A_LINE_MAX: u32 = 32;

/// What all loggers of one name share.
pub(crate) struct Module {
    pub(crate) name: &'static str,
    /// Whether each level is on; also the sites of records that have no site of their own.
    probes: [Site; 6],
}

/// The field of a [`Module`]'s own sites.
const REST: &[&str] = &["fields"];

impl Module {
    fn new(name: &'static str, is_standard: bool) -> Module {
        let site = |level| Site::new(level, name, "", 0, "", MessageKind::Formatted, REST);
        let probe = |level| if is_standard { site(level).decided() } else { site(level) };
        Module { name, probes: Level::ALL.map(probe) }
    }

    /// The site that says whether a level is on.
    #[inline(always)]
    pub(crate) fn probe(&'static self, level: Level) -> &'static Site {
        &self.probes[level as usize - 1]
    }

    /// Whether records of this level are kept: one load, except for the first time.
    #[inline(always)]
    pub(crate) fn is_on(&'static self, level: Level) -> bool {
        known_word(self.probe(level)) != OFF
    }
}

/// Whether a site is on, without a call of it being under way.
#[inline(always)]
pub(crate) fn known_word(site: &'static Site) -> u32 {
    let word = site.word();
    if word == UNKNOWN { front::known_word(site) } else { word }
}

/// Whether a call under way is recorded, as the site's word says. To be asked once a call: a rule of sampling
/// may decide by it, by the context that was entered before.
#[inline(always)]
pub(crate) fn word(site: &'static Site) -> u32 {
    let word = site.word();
    if word == UNKNOWN { front::resolve(site) } else { word }
}

/// The module of this name. One is kept for each name that is ever used, as `logging` does.
/// Loggers of `logging`, which `is_standard` names, have decided by levels of their own.
pub(crate) fn module(name: &str, is_standard: bool) -> &'static Module {
    type Modules = HashMap<&'static str, &'static Module>;
    static MODULES: [Mutex<Option<Modules>>; 2] = [const { Mutex::new(None) }; 2];
    let modules = &MODULES[usize::from(is_standard)];
    let mut modules = modules.lock().unwrap_or_else(PoisonError::into_inner);
    let modules = modules.get_or_insert_default();
    if let Some(module) = modules.get(name) {
        return module;
    }
    let name: &'static str = Box::leak(Box::from(name));
    let module: &'static Module = Box::leak(Box::new(Module::new(name, is_standard)));
    modules.insert(name, module);
    module
}

/// All that makes one call site differ from another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Description {
    pub(crate) level: Level,
    pub(crate) module: &'static str,
    /// Whether a logger of `logging` has decided by levels of its own.
    pub(crate) is_standard: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// Empty where records carry their message.
    pub(crate) template: String,
    /// How the template becomes a message.
    pub(crate) style: Style,
    /// Values without a name.
    pub(crate) unnamed: usize,
    pub(crate) names: Vec<String>,
}

/// How a message comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Style {
    /// It is what was given.
    Carried,
    /// The writer fills the conversions `%d`.
    Printf,
    /// The writer fills the holes `{name}`.
    Template,
    /// Python makes it at the call.
    Eager,
}

/// A call site.
pub(crate) struct Plan {
    pub(crate) site: Site,
    pub(crate) style: Style,
    /// Those of a template of [`Style::Printf`].
    pub(crate) conversions: Vec<printf::Conversion>,
}

#[derive(Default)]
struct Plans {
    plans: HashMap<Description, &'static Plan>,
    lines: HashMap<(String, u32), u32>,
}

/// The call site of this description. `None` when there are too many, of the process or of the line.
pub(crate) fn plan(description: Description) -> Option<&'static Plan> {
    static PLANS: Mutex<Option<Plans>> = Mutex::new(None);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let plans = plans.get_or_insert_default();
    if let Some(plan) = plans.plans.get(&description) {
        return Some(plan);
    }
    if plans.plans.len() >= SITES_MAX {
        return None;
    }
    let count = plans.lines.entry((description.file.clone(), description.line)).or_default();
    if *count >= SITES_OF_A_LINE_MAX {
        return None;
    }
    *count += 1;
    let plan: &'static Plan = Box::leak(Box::new(describe(&description)));
    plans.plans.insert(description, plan);
    Some(plan)
}

fn describe(description: &Description) -> Plan {
    let kind = match description.style {
        Style::Carried | Style::Eager => MessageKind::Formatted,
        Style::Printf => MessageKind::Printf,
        Style::Template => MessageKind::Template,
    };
    let leak = |text: &str| -> &'static str { Box::leak(Box::from(text)) };
    let unnamed = std::iter::repeat_n("", description.unnamed);
    let names = unnamed.chain(description.names.iter().map(|name| leak(name)));
    let conversions = printf::pieces(&description.template).unwrap_or_default();
    let conversions = conversions.into_iter().filter_map(|piece| match piece {
        printf::Piece::Conversion(conversion) => Some(conversion),
        printf::Piece::Text(_) => None,
    });
    let site = Site::new(
        description.level,
        description.module,
        leak(&description.file),
        description.line,
        leak(&description.template),
        kind,
        Vec::leak(names.collect()),
    );
    Plan {
        site: if description.is_standard { site.decided() } else { site },
        style: description.style,
        conversions: conversions.collect(),
    }
}

/// How a text with values becomes a message: `unnamed` values stand behind it, the others have these
/// names. A text that has none of their holes is the message as it stands.
pub(crate) fn style(text: &str, unnamed: usize, names: &[String]) -> Style {
    if unnamed > 0 {
        let is_conversion = |piece: &printf::Piece| matches!(piece, printf::Piece::Conversion(_));
        let conversions = printf::pieces(text);
        let conversions =
            conversions.map(|all| all.iter().filter(|one| is_conversion(one)).count());
        return match conversions {
            Some(count) if count == unnamed => Style::Printf,
            // A text without any conversion may have holes of the other kind.
            _ if has_only_unnamed(text, unnamed, names) => Style::Template,
            _ => Style::Eager,
        };
    }
    let holes = || logloom_record::pieces(text).into_iter();
    let is_field = |name: &str| names.iter().any(|field| field == name);
    let mut any = false;
    for piece in holes() {
        let logloom_record::Piece::Hole(hole) = piece else { continue };
        let end = hole.find([':', '!', '.', '[']).unwrap_or(hole.len());
        match is_field(&hole[..end]) {
            true if end < hole.len() => return Style::Eager,
            true => any = true,
            false => {}
        }
    }
    if any { Style::Template } else { Style::Carried }
}

/// Whether every hole is `{}`, a number of one of the values, or a name.
fn has_only_unnamed(text: &str, unnamed: usize, names: &[String]) -> bool {
    let (mut next, mut any) = (0, false);
    for piece in logloom_record::pieces(text) {
        let logloom_record::Piece::Hole(hole) = piece else { continue };
        let number = if hole.is_empty() {
            next += 1;
            Some(next - 1)
        } else {
            hole.parse::<usize>().ok()
        };
        let fits = match number {
            Some(number) => number < unnamed,
            None => names.iter().any(|name| name == hole),
        };
        if !fits {
            return false;
        }
        any = true;
    }
    any
}
