//! `logloom mask test`: rules of one's own, tried out on the examples beside them.
//!
//! A rule must find something in each text under `masks` and nothing in each under `keeps`. A rule
//! without examples is told, but is no failure.

use logloom_config::{MaskRuleEntry, read_mask_rules};
use logloom_core::mask::Masker;
use logloom_core::settings::MaskSettings;

use crate::args::MaskTestArguments;
use crate::exit::{Failure, Outcome};
use crate::output::{self, counted, json_text};
use crate::terminal::{Paint, safe_line};

/// What an example gave.
struct Tried<'e> {
    rule: &'e str,
    text: &'e str,
    shown: String,
    /// Whether something should have been found.
    masks: bool,
}

impl Tried<'_> {
    fn is_right(&self) -> bool {
        (self.shown != self.text) == self.masks
    }
}

pub(crate) fn run(arguments: &MaskTestArguments) -> Result<Outcome, Failure> {
    let rules = read_mask_rules(&arguments.file).map_err(Failure::Configuration)?;
    let tried: Vec<Tried<'_>> = rules.iter().flat_map(tried).collect();
    let is_right = tried.iter().all(Tried::is_right);
    output::report(arguments.report.format(), tried.iter().map(json), || readable(&rules, &tried))?;
    Ok(if is_right { Outcome::Done } else { Outcome::Nothing })
}

/// The rule alone, so that no other one finds what it should.
fn tried(entry: &MaskRuleEntry) -> Vec<Tried<'_>> {
    let rules = vec![entry.rule.clone()];
    let masker =
        Masker::new(&MaskSettings { rules, shapes: Vec::new(), ..MaskSettings::default() });
    let one = |text, masks| {
        let shown = masker.text(text).into_owned();
        Tried { rule: &entry.rule.name, text, shown, masks }
    };
    let masks = entry.masks.iter().map(|text| one(text.as_str(), true));
    masks.chain(entry.keeps.iter().map(|text| one(text.as_str(), false))).collect()
}

fn json(tried: &Tried<'_>) -> String {
    format!(
        "{{\"rule\":{},\"text\":{},\"masked\":{},\"expected\":\"{}\",\"ok\":{}}}",
        json_text(tried.rule),
        json_text(tried.text),
        json_text(&tried.shown),
        if tried.masks { "masks" } else { "keeps" },
        tried.is_right()
    )
}

fn readable(rules: &[MaskRuleEntry], tried: &[Tried<'_>]) -> String {
    let paint = Paint::of_stdout();
    let (good, bad, off) = (paint.good(), paint.bad(), paint.off());
    let mut out = String::new();
    for Tried { rule, text, shown, masks } in tried.iter().filter(|tried| !tried.is_right()) {
        let wrong = match masks {
            true => "finds no secret in this text under `masks`",
            false => "masks this text, which is under `keeps` and must stay as it is",
        };
        out += &format!("{bad}{}{off} {wrong}: {}\n", safe_line(rule), safe_line(text));
        if !masks {
            out += &format!("  it becomes: {}\n", safe_line(shown));
        }
    }
    for entry in rules.iter().filter(|entry| entry.masks.is_empty()) {
        out += &format!("{}: no example under `masks`\n", safe_line(&entry.rule.name));
    }
    let wrong = tried.iter().filter(|tried| !tried.is_right()).count() as u64;
    let colour = if wrong == 0 { good } else { bad };
    let (rules, examples) =
        (counted(rules.len() as u64, "rule"), counted(tried.len() as u64, "example"));
    out + &format!("{colour}{rules}, {examples}, {wrong} wrong{off}\n")
}
