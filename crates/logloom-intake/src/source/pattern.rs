//! Patterns of paths: `/var/log/**/*.log`.
//!
//! Takes `*` (any part of a name), `?` (one character), `[a-z]` and `[!a]` (one character of a set),
//! `{a,b}` (either) and `**` (any number of directories); gives the paths that fit. A star and a
//! question mark at the beginning of a name do not stand for a dot. Names are matched as bytes.
//! Nothing is refused: a bracket that is never closed stands for itself.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Most paths that braces stand for.
const BRANCHES_MAX: usize = 256;

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Any number of directories.
    Any,
    /// A name, possibly with wildcards.
    Name(Vec<u8>),
}

/// A pattern without braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The directory above the first wildcard.
    pub(super) base: PathBuf,
    /// What follows below it; never empty.
    pub(super) steps: Vec<Step>,
}

/// Whether a path stands for all those that fit it, rather than for itself.
#[must_use]
pub fn is_pattern(path: &Path) -> bool {
    path.as_os_str().as_bytes().iter().any(|byte| b"*?[{".contains(byte))
}

/// The patterns that a path stands for; none when it is an ordinary path.
pub(super) fn patterns(path: &Path) -> Vec<Pattern> {
    if !is_pattern(path) {
        return Vec::new();
    }
    let branches = branches(path.as_os_str().as_bytes());
    branches.iter().map(|text| pattern(Path::new(OsStr::from_bytes(text)))).collect()
}

fn pattern(path: &Path) -> Pattern {
    let mut base = PathBuf::new();
    let mut steps = Vec::new();
    for component in path.components() {
        let bytes = component.as_os_str().as_bytes();
        let is_wild = bytes.iter().any(|byte| b"*?[".contains(byte));
        if steps.is_empty() && !is_wild || !matches!(component, Component::Normal(_)) {
            base.push(component);
        } else if bytes == b"**" {
            steps.push(Step::Any);
        } else {
            steps.push(Step::Name(bytes.to_owned()));
        }
    }
    if steps.last().is_none_or(|step| *step == Step::Any) {
        // All files below, or a path that only braces made a pattern of.
        match base.file_name().map(|name| name.as_bytes().to_owned()).filter(|_| steps.is_empty()) {
            Some(name) => {
                base.pop();
                steps.push(Step::Name(name));
            }
            None => steps.push(Step::Name(b"*".to_vec())),
        }
    }
    Pattern { base, steps }
}

/// Each way to read the braces, the first ones when there are too many.
fn branches(text: &[u8]) -> Vec<Vec<u8>> {
    let mut done = Vec::new();
    let mut open = vec![text.to_vec()];
    while let Some(text) = open.pop() {
        let Some((start, end)) = brace(&text).filter(|_| done.len() + open.len() < BRANCHES_MAX)
        else {
            done.push(text);
            continue;
        };
        for part in text[start + 1..end].split(|byte| *byte == b',').rev() {
            open.push([&text[..start], part, &text[end + 1..]].concat());
        }
    }
    done
}

/// The innermost pair of braces that closes first.
fn brace(text: &[u8]) -> Option<(usize, usize)> {
    let end = text.iter().position(|byte| *byte == b'}')?;
    let start = text[..end].iter().rposition(|byte| *byte == b'{')?;
    Some((start, end))
}

impl Pattern {
    /// Whether a path fits.
    pub(super) fn fits(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.base) else { return false };
        let names: Vec<&[u8]> =
            below.components().map(|component| component.as_os_str().as_bytes()).collect();
        fits_steps(&self.steps, &names)
    }
}

fn fits_steps(steps: &[Step], names: &[&[u8]]) -> bool {
    match (steps.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((Step::Any, rest)), found) => {
            fits_steps(rest, names)
                || found.is_some_and(|(name, names)| !is_hidden(name) && fits_steps(steps, names))
        }
        (Some((Step::Name(wanted), rest)), Some((name, names))) => {
            fits_name(wanted, name) && fits_steps(rest, names)
        }
        _ => false,
    }
}

pub(super) fn is_hidden(name: &[u8]) -> bool {
    name.first() == Some(&b'.')
}

/// Whether a name fits; takes time linear in both for each star.
pub(super) fn fits_name(wanted: &[u8], name: &[u8]) -> bool {
    if is_hidden(name) && !is_hidden(wanted) {
        return false;
    }
    let (mut at, mut here) = (0, 0);
    // Where the last star stands, and how much of the name it takes so far.
    let mut star: Option<(usize, usize)> = None;
    while here < name.len() {
        let one = wanted.get(at..).and_then(|wanted| fits_one(wanted, name[here]));
        if wanted.get(at) == Some(&b'*') {
            star = Some((at, here));
            at += 1;
        } else if let Some(length) = one {
            at += length;
            here += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            (at, here) = (star_at + 1, taken + 1);
        } else {
            return false;
        }
    }
    wanted[at..].iter().all(|byte| *byte == b'*')
}

/// How many bytes of the pattern the byte takes; `None` when it does not fit.
fn fits_one(wanted: &[u8], byte: u8) -> Option<usize> {
    match *wanted.first()? {
        b'*' => None,
        b'?' => Some(1),
        b'[' => fits_set(wanted, byte).unwrap_or((byte == b'[').then_some(1)),
        exact => (exact == byte).then_some(1),
    }
}

/// The same for a set; `None` when its bracket is never closed.
#[expect(clippy::option_option, reason = "no set, and a set that the byte is not in, differ")]
fn fits_set(wanted: &[u8], byte: u8) -> Option<Option<usize>> {
    let is_negated = matches!(wanted.get(1), Some(b'!' | b'^'));
    let start = 1 + usize::from(is_negated);
    // A closing bracket that comes first is a member.
    let end = start + 1 + wanted.get(start + 1..)?.iter().position(|byte| *byte == b']')?;
    let mut members = &wanted[start..end];
    let mut is_member = false;
    while let Some(first) = members.first() {
        let range = members.get(1) == Some(&b'-') && members.len() > 2;
        let last = if range { members[2] } else { *first };
        is_member |= (*first..=last).contains(&byte);
        members = &members[if range { 3 } else { 1 }..];
    }
    Some((is_member != is_negated).then_some(end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit() {
        let check = |wanted: &str, name: &str, expect: bool| {
            assert_eq!(fits_name(wanted.as_bytes(), name.as_bytes()), expect, "{wanted} {name}");
        };
        check("*.log", "a.log", true);
        check("*.log", ".a.log", false);
        check(".*", ".a", true);
        check("*.log", "a.log.1", false);
        check("*a*b*", "xxaxxaxb", true);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("[a-c]x", "bx", true);
        check("[!a-c]x", "bx", false);
        check("[^a]x", "bx", true);
        check("[]x]", "]", true);
        check("[x", "[x", true);
        check("[", "[", true);
        check("[a-]", "-", true);
        check("*", "", true);
        check("", "", true);
        check(&"*a".repeat(40), &"a".repeat(5_000), true);
    }

    #[test]
    fn paths_fit() {
        let check = |wanted: &str, path: &str, expect: bool| {
            let found = patterns(Path::new(wanted));
            let fits = found.iter().any(|pattern| pattern.fits(Path::new(path)));
            assert_eq!(fits, expect, "{wanted} {path}");
        };
        check("/var/log/**/*.log", "/var/log/a.log", true);
        check("/var/log/**/*.log", "/var/log/b/c/a.log", true);
        check("/var/log/**/*.log", "/var/log/.b/a.log", false);
        check("/var/log/**", "/var/log/b/a", true);
        check("/var/*/a.log", "/var/x/a.log", true);
        check("/var/*/a.log", "/var/x/y/a.log", false);
        check("/{a,b{c,d}}/x.log", "/bd/x.log", true);
        check("/{a,b}/x.log", "/c/x.log", false);
        check("/a/{x,y}", "/a/y", true);
        assert!(patterns(Path::new("/var/log/a.log")).is_empty());
        assert!(patterns(Path::new("/{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}")).len() <= 257);
    }
}
