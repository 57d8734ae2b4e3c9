//! Masking: secrets in texts are found by the name of their field and by their shape, and hidden.
//!
//! Text or lines of JSON come in, the same go out with `[MASKED]` or `sk-***[MASKED 44 chars]***` in
//! the place of each secret; what was masked before stays as it is. A [`Masker`] is made once of the
//! settings and used from any thread; it works in time linear in the text, keeps nothing of it, does
//! no I/O and never fails: a text that is no valid UTF-8 or JSON is searched all the same.
//!
//! 1. [`prefilter`] finds the places of some eighty literals, one of which every secret contains;
//! 2. [`kinds`] and [`named`] decide whether a secret stands there, and where it ends;
//! 3. [`personal`] looks for e-mail addresses and the like, where that was asked for;
//! 4. [`hit`] writes the text anew.
//!
//! ```
//! use logloom_core::mask::Masker;
//!
//! let masker = Masker::default();
//! let text = "login with password=hunter2 failed";
//! assert_eq!(masker.text(text), "login with password=[MASKED] failed");
//! ```

mod bytes;
mod choice;
mod entropy;
mod fingerprint;
mod hit;
mod home;
mod kinds;
mod named;
mod percent;
mod personal;
mod plausible;
mod prefilter;
mod quote;
mod rule;
pub(crate) mod stored;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;

use logloom_record::names::SecretNames;

use crate::settings::MaskSettings;
use bytes::escape_end;
use choice::{Choice, Judge, Who};
use fingerprint::Fingerprint;
use hit::Writing;
use kinds::Place;
use prefilter::{Candidate, Candidates, Literal, Prefilter};

pub use hit::{Form, Hit};
pub use kinds::{GROUPS, Kind, all as kinds};
pub use named::NAMED_KINDS;
pub use personal::{PERSONAL, Personal};
pub use prefilter::Part;
pub use rule::{ALPHABETS, MaskRule};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Anything.
    Text,
    /// JSON, a value a line: what is masked stays valid JSON.
    Json,
}

/// Longest prefix before the literal by which a key is found.
const PREFIX_BYTES_MAX: usize = 16;

/// Finds secrets and hides them. See the [module](self).
#[derive(Debug)]
pub struct Masker {
    prefilter: Prefilter,
    /// Whether what is searched for can only stand in a text of a line of JSON, its quotes included.
    is_for_texts: bool,
    /// By number of the literal.
    judges: Vec<Vec<Judge>>,
    names: SecretNames,
    in_text: bool,
    personal: Vec<&'static Personal>,
    fingerprint: Option<Fingerprint>,
}

impl Default for Masker {
    /// The masker of the default settings.
    fn default() -> Self {
        Masker::new(&MaskSettings::default())
    }
}

impl Masker {
    /// The masker of these settings. Names of shapes and personal data that are not known are passed
    /// over: [`crate::settings::Settings::validate`] tells of them. With masking switched off it finds
    /// nothing.
    #[must_use]
    pub fn new(settings: &MaskSettings) -> Self {
        let Choice { literals, judges, in_text } = Choice::of(settings);
        let names = match settings.enabled {
            true => settings
                .fields
                .iter()
                .map(String::as_str)
                .chain(named::TEXT_NAMES.iter().copied())
                .collect(),
            false => Vec::new(),
        };
        let personal = match settings.enabled {
            true => PERSONAL.iter().filter(|kind| chosen(&settings.personal, kind.name)).collect(),
            false => Vec::new(),
        };
        Self {
            is_for_texts: literals.iter().all(Literal::is_of_a_text),
            prefilter: Prefilter::new(&literals),
            judges,
            names: SecretNames::with(names),
            in_text,
            personal,
            fingerprint: Fingerprint::new(&settings.fingerprint),
        }
    }

    /// The strictest masker that is built in, for records of a writer whose settings are not known:
    /// all shapes, all personal data, home directories.
    #[must_use]
    pub fn strictest() -> Self {
        Masker::new(&MaskSettings::strictest())
    }

    /// The text with its secrets hidden.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.masked(text.as_bytes(), Syntax::Text).map_or(Cow::Borrowed(text), |masked| {
            // What is hidden begins and ends between characters, so that nothing is replaced here.
            Cow::Owned(String::from_utf8_lossy(&masked).into_owned())
        })
    }

    /// The bytes with their secrets hidden; `None` when they hold none.
    #[must_use]
    pub fn masked(&self, bytes: &[u8], syntax: Syntax) -> Option<Vec<u8>> {
        let mut hits = Vec::new();
        self.find(bytes, syntax, &mut hits);
        (!hits.is_empty()).then(|| self.write(bytes, &hits, usize::MAX))
    }

    /// Hides the secrets of a batch of lines in place; the batch becomes at most `room` bytes longer.
    /// Returns how many there were.
    pub fn mask_lines(&self, lines: &mut Vec<u8>, room: usize) -> usize {
        let mut hits = Vec::new();
        self.find(lines, Syntax::Json, &mut hits);
        self.hide(lines, &hits, room)
    }

    /// The same where only these parts can hold what a secret is known by: each is a whole text with its
    /// quotes, or several with what stands between, and in what stands beside them
    /// [nothing](Masker::finds_nothing) was found. They are in order and do not overlap.
    pub fn mask_parts(&self, lines: &mut Vec<u8>, parts: &[Part], room: usize) -> usize {
        let mut hits = Vec::new();
        match self.is_for_texts {
            true => {
                let candidates = self.prefilter.candidates_in(lines, parts);
                self.find_among(candidates, lines, Syntax::Json, &mut hits);
            }
            false => self.find(lines, Syntax::Json, &mut hits),
        }
        self.hide(lines, &hits, room)
    }

    /// Whether a piece of a line holds nothing that a secret is known by, whatever stands beside it. The
    /// piece begins and ends where no text is cut in two.
    #[must_use]
    pub fn finds_nothing(&self, piece: &[u8]) -> bool {
        self.prefilter.candidates(piece).next().is_none()
    }

    /// Whether what is searched for can only stand in texts of a line, so that parts of it suffice.
    #[cfg(test)]
    pub(crate) fn is_for_texts(&self) -> bool {
        self.is_for_texts
    }

    fn hide(&self, lines: &mut Vec<u8>, hits: &[Hit], room: usize) -> usize {
        if !hits.is_empty() {
            *lines = self.write(lines, hits, room);
        }
        hits.len()
    }

    /// Appends the secrets of a text, in order; none overlaps another.
    pub fn find(&self, bytes: &[u8], syntax: Syntax, hits: &mut Vec<Hit>) {
        self.find_among(self.prefilter.candidates(bytes), bytes, syntax, hits);
    }

    /// The same where these places tell of a secret, and no others.
    fn find_among(
        &self,
        mut candidates: Candidates<'_, '_>,
        bytes: &[u8],
        syntax: Syntax,
        hits: &mut Vec<Hit>,
    ) {
        let first = hits.len();
        let is_json = syntax == Syntax::Json;
        let (mut end, mut pending) = (0, None::<Hit>);
        while let Some(candidate) = candidates.next() {
            // A secret may begin far behind its name; what lies between is searched as well.
            if let Some(hit) = pending.take_if(|hit| hit.start <= candidate.at) {
                end = hit.end;
                hits.push(hit);
                candidates.skip_to(end);
            }
            if candidate.at < end {
                continue;
            }
            let Some(hit) = self.judge(bytes, is_json, candidate, end) else { continue };
            match pending {
                None => pending = Some(hit),
                // Of one that reaches into the next, what stands before that.
                Some(next) if hit.start < next.start => {
                    let hit = Hit { end: hit.end.min(next.start), ..hit };
                    if !(is_json && splits(bytes, hit)) {
                        end = hit.end;
                        hits.push(hit);
                    }
                }
                Some(_) => {}
            }
        }
        hits.extend(pending);
        if !self.personal.is_empty() {
            let found = personal::find(bytes, &self.personal, is_json);
            merge(hits, first, found);
        }
    }

    /// The first secret that a candidate turns out to be, from `least` on.
    fn judge(
        &self,
        bytes: &[u8],
        is_json: bool,
        candidate: Candidate,
        least: usize,
    ) -> Option<Hit> {
        let judges = self.judges.get(candidate.literal)?;
        judges.iter().find_map(|judge| {
            let place = judge.place(bytes, is_json, candidate.at);
            let hit = match &judge.who {
                Who::Kind(kind) => kind.find(&place),
                Who::Name => self.named(&place),
                Who::Home => home::find(&place),
                Who::Rule(rule) => rule.find(&place),
            }?;
            let is_whole =
                hit.start >= least && hit.start < hit.end && !(is_json && splits(bytes, hit));
            is_whole.then_some(hit)
        })
    }

    /// A secret known by its name; by its shape, when that says more about the same value.
    fn named(&self, place: &Place<'_>) -> Option<Hit> {
        let wanted = named::Wanted { names: &self.names, in_text: self.in_text };
        let hit = named::find(place, wanted)?;
        if hit.form != Form::Value {
            return Some(hit);
        }
        let value = &place.bytes[hit.start..hit.end];
        Some(self.shape_of(value, hit.start).unwrap_or(hit))
    }

    /// The shape of a value that is one key from its first to its last byte.
    fn shape_of(&self, value: &[u8], offset: usize) -> Option<Hit> {
        let prefix = 0..value.len().min(PREFIX_BYTES_MAX);
        let parts = std::slice::from_ref(&prefix);
        let mut candidates = self.prefilter.candidates_in(value, parts);
        while let Some(candidate) = candidates.next() {
            let judges = self.judges.get(candidate.literal)?;
            let hit =
                judges.iter().filter(|judge| judge.before == candidate.at).find_map(|judge| {
                    let place = judge.place(value, false, candidate.at);
                    match &judge.who {
                        Who::Kind(kind) => kind.find(&place),
                        Who::Rule(rule) => rule.find(&place),
                        Who::Name | Who::Home => None,
                    }
                });
            let is_whole = |hit: &Hit| hit.end == value.len() && hit.form == Form::Shape;
            if let Some(hit) = hit.filter(is_whole) {
                return Some(Hit { start: hit.start + offset, end: hit.end + offset, ..hit });
            }
        }
        None
    }

    /// The text with marks in the place of these secrets, as [`Masker::find`] gives them: in order,
    /// without overlaps, within the text.
    #[must_use]
    pub fn replaced(&self, text: &[u8], hits: &[Hit]) -> Vec<u8> {
        self.write(text, hits, usize::MAX)
    }

    /// What found a secret of this text: the name of its kind, or that of the rule of one's own.
    #[must_use]
    pub fn found_by(&self, text: &[u8], hit: &Hit) -> &str {
        let rules = self.judges.iter().flatten().filter_map(|judge| match &judge.who {
            Who::Rule(rule) => Some(&**rule),
            _ => None,
        });
        let mut rules = rules.filter(|_| hit.kind == rule::KIND);
        rules.find(|rule| rule.has_found(text, hit)).map_or(hit.kind, |rule| &rule.name)
    }

    fn write(&self, text: &[u8], hits: &[Hit], room: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 32 * hits.len().min(1024));
        Writing { text, fingerprint: self.fingerprint.as_ref(), room }.write(hits, &mut out);
        out
    }
}

/// Whether a list of names in the settings chooses this one.
pub(crate) fn chosen(names: &[String], name: &str) -> bool {
    names.iter().any(|chosen| chosen == "all" || chosen == name)
}

/// Whether the secret begins or ends within an escape, which its mark would break.
fn splits(bytes: &[u8], hit: Hit) -> bool {
    escape_end(bytes, hit.start).is_some() || escape_end(bytes, hit.end).is_some()
}

/// Adds to what is there from `first` on, in order; of what overlaps with it, the rest.
fn merge(hits: &mut Vec<Hit>, first: usize, found: Vec<Hit>) {
    let known = hits.split_off(first);
    let mut known = known.into_iter().peekable();
    for mut hit in found {
        while let Some(before) = known.next_if(|other| other.start <= hit.start) {
            hit.start = hit.start.max(before.end);
            hits.push(before);
        }
        while let Some(within) = known.next_if(|other| other.start < hit.end) {
            hits.push(Hit { end: within.start, ..hit });
            hit.start = within.end;
            hits.push(within);
        }
        if let Some(last) = hits.get(first..).and_then(<[Hit]>::last) {
            hit.start = hit.start.max(last.end);
        }
        if hit.start < hit.end {
            hits.push(hit);
        }
    }
    hits.extend(known);
}
