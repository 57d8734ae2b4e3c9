//! Secrets as arguments of commands: `curl -u name:password`, `mysql -pSECRET`, `redis-cli -a SECRET`.
//!
//! Takes the place of a command's name, goes through its arguments ([`words`]) to the first that is a secret.
//! Refuses variables and placeholders; whatever else stands there is one, however it looks.

mod words;

use std::ops::Range;

use super::super::bytes::{WORD, is_in, run};
use super::super::hit::{Form, Hit};
use super::super::plausible::{Written, is_masked, is_password, is_placeholder};
use super::super::quote::{Quote, ValueEnd, value_end};
use super::shape::Place;
use super::{Finder, Kind};
use words::Words;

const NAME: &str = "command_argument";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: NAME,
        group: "commands",
        looks: "passwords behind `curl -u name:`, `mysql -p`, `redis-cli -a`, `sshpass -p`, `docker login -p`, \
                `mongosh -p`, `sqlcmd -P`, `kubectl --token` and the like, also as members of a list",
        anchors: &[
            "curl", "mysql", "mariadb", "s-cli", "shpass", "ngosh", "ngodump", "ngores", "kubectl",
            "qlcmd",
        ],
        finder: Finder::Code(argument),
    },
    Kind {
        name: "login_argument",
        group: "commands",
        looks: "`docker login -p` and that of other commands with the word `login`",
        anchors: &[" -p ", "\"-p\"", "\"-p\\", "'-p'"],
        finder: Finder::Code(login),
    },
    Kind {
        name: "user_argument",
        group: "commands",
        looks: "`--user name:password`, `--proxy-user name:password` of other commands",
        anchors: &["--user ", "--user=", "oxy-user"],
        finder: Finder::Code(user),
    },
];

/// What a command takes.
struct Command {
    /// How its name, with what may stand before and behind it, begins.
    name: &'static str,
    /// Options whose argument is `name:password`.
    pairs: &'static [&'static str],
    /// Options whose argument is a secret.
    secrets: &'static [&'static str],
    /// Those of them whose argument may follow without a blank.
    attached: &'static [&'static str],
}

const COMMANDS: &[Command] = &[
    Command {
        name: "curl",
        pairs: &["-u", "--user", "-U", "--proxy-user"],
        secrets: &["--pass", "--proxy-pass", "--oauth2-bearer"],
        attached: &["-u", "-U"],
    },
    Command { name: "mysql", pairs: &[], secrets: &[], attached: &["-p"] },
    Command { name: "mariadb", pairs: &[], secrets: &[], attached: &["-p"] },
    Command { name: "redis-cli", pairs: &[], secrets: &["-a", "--pass"], attached: &[] },
    Command { name: "sshpass", pairs: &[], secrets: &["-p"], attached: &["-p"] },
    Command { name: "mongo", pairs: &[], secrets: &["-p"], attached: &[] },
    Command { name: "kubectl", pairs: &[], secrets: &[], attached: &[] },
    Command { name: "sqlcmd", pairs: &[], secrets: &["-P"], attached: &["-P"] },
];

/// Options of any command whose argument is a secret.
const SECRETS: [&str; 2] = ["--password", "--token"];
/// Words that stand for a password in manuals, beside those that stand for any secret.
const STANDING: [&str; 8] = ["pass", "passwd", "pwd", "pw", "token", "pswd", "api_key", "apikey"];
/// Bytes between the word `login` and its option.
const LOGIN_BYTES_MAX: usize = 256;
/// Longest list of arguments.
const WORDS_MAX: usize = 64;

/// The first secret among the arguments of the command whose name holds the anchor.
fn argument(place: &Place<'_>) -> Option<Hit> {
    let (command, behind) = command(place)?;
    let mut words = Words::new(place.bytes, behind, place.is_json)?;
    let mut option: Option<Range<usize>> = None;
    for _ in 0..WORDS_MAX {
        let word = words.next()?;
        let before = option.take().map(|range| &place.bytes[range]);
        let found = match before.and_then(|option| command.takes(option)) {
            Some(Argument::Pair) => password(place, word.clone()),
            Some(Argument::Secret) => Some(word.clone()),
            None => command.within(place, word.clone()),
        };
        match found {
            // What was masked once is masked as it is.
            Some(found) if is_masked(&place.bytes[found.clone()]) => return None,
            Some(found) => match secret(place.bytes, found) {
                None => {}
                hit => return hit,
            },
            None => {}
        }
        option = Some(word);
    }
    None
}

/// The argument of `-p` behind the word `login`.
fn login(place: &Place<'_>) -> Option<Hit> {
    const NAME: &[u8] = b"login";
    let bytes = place.bytes;
    let from = place.at.saturating_sub(LOGIN_BYTES_MAX);
    let before = &bytes[from..place.at];
    let at = from + memchr::memmem::rfind(before, NAME)? + NAME.len();
    let mut words = Words::new(bytes, at, place.is_json)?;
    let mut is_option = false;
    for _ in 0..WORDS_MAX {
        let word = words.next()?;
        if is_option {
            // `ssh login -p 2222`
            let is_port = word.len() <= 5 && bytes[word.clone()].iter().all(u8::is_ascii_digit);
            return if is_port { None } else { secret(bytes, word) };
        }
        is_option = word.start > place.at && bytes[word] == *b"-p";
    }
    None
}

/// The command whose name holds the anchor, and where that ends.
fn command<'t>(place: &Place<'t>) -> Option<(&'static Command, usize)> {
    let bytes = place.bytes;
    COMMANDS.iter().find_map(|command| {
        let offset = memchr::memmem::find(command.name.as_bytes(), place.anchor);
        let start = place.at.checked_sub(match offset {
            Some(offset) => offset,
            None if command.name == "mongo" && place.anchor.starts_with(b"ngo") => 2,
            None => return None,
        })?;
        let is_there = bytes[start..].starts_with(command.name.as_bytes());
        let is_start =
            start == 0 || !is_in(bytes[start - 1], WORD) || is_behind_escape(bytes, start);
        let end = start + command.name.len();
        // `mysqldump`, `mariadb-admin`.
        let end = end + run(bytes, end, super::super::bytes::DASHED, 16);
        (is_there && is_start).then_some((command, end))
    })
}

fn is_behind_escape(bytes: &[u8], at: usize) -> bool {
    super::super::bytes::escape_end(bytes, at - 1) == Some(at)
}

/// What an option takes.
enum Argument {
    Pair,
    Secret,
}

impl Command {
    /// What the word behind an option is.
    fn takes(&self, option: &[u8]) -> Option<Argument> {
        let is_one = |known: &[&str]| known.iter().any(|known| known.as_bytes() == option);
        match () {
            () if is_one(self.pairs) => Some(Argument::Pair),
            () if is_one(self.secrets) || is_one(&SECRETS) => Some(Argument::Secret),
            () => None,
        }
    }

    /// The secret within a word that is an option: `--user=name:password`, `-pSECRET`.
    fn within(&self, place: &Place<'_>, word: Range<usize>) -> Option<Range<usize>> {
        let text = &place.bytes[word.clone()];
        let behind = |option: &str, sign: &str| {
            let rest = text.strip_prefix(option.as_bytes())?.strip_prefix(sign.as_bytes())?;
            (!rest.is_empty()).then(|| word.end - rest.len()..word.end)
        };
        let pair = |value: Range<usize>| password(place, value);
        let long = |known: &[&str]| {
            let mut known = known.iter().filter(|option| option.starts_with("--"));
            known.find_map(|option| behind(option, "="))
        };
        let attached = || self.attached.iter().find_map(|option| behind(option, ""));
        match self.pairs {
            [] => long(self.secrets).or_else(|| long(&SECRETS)).or_else(attached),
            _ => long(self.secrets).or_else(|| long(self.pairs).or_else(attached).and_then(pair)),
        }
    }
}

/// `--user name:password` of a command that is not known, where it looks like a password.
fn user(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let at = place.at + place.anchor.trim_ascii_end().len();
    let at = at + usize::from(bytes.get(at) == Some(&b'='));
    let word = Words::new(bytes, at, place.is_json)?.next()?;
    let name = word.start;
    let found = password(place, word)?;
    let value = &bytes[found.clone()];
    let is_name = bytes[name].is_ascii_alphabetic() && !value.contains(&b'/');
    let before = &bytes[place.at.saturating_sub(256)..place.at];
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // There it is a name and a group.
    let is_other = ["docker", "podman", "nerdctl", "kubectl"]
        .iter()
        .any(|name| memchr::memmem::find(&before[line..], name.as_bytes()).is_some());
    let is_secret = is_name && !is_other && value.len() >= 6 && is_password(value, Written::Spaced);
    if is_secret { secret(bytes, found) } else { None }
}

/// The password of `name:password`, which may have quotes of its own.
fn password(place: &Place<'_>, word: Range<usize>) -> Option<Range<usize>> {
    let bytes = place.bytes;
    let colon = word.start + bytes[word.clone()].iter().position(|byte| *byte == b':')?;
    let start = colon + 1;
    if start < word.end {
        return Some(start..word.end);
    }
    let (open, inside) = Quote::at(bytes, start)?;
    if place.is_json && open.is_of_the_line() {
        return None;
    }
    match value_end(bytes, inside, open, place.is_json)? {
        ValueEnd::Closed(end) => Some(inside..end),
        ValueEnd::Cut(_) => None,
    }
}

fn secret(bytes: &[u8], found: Range<usize>) -> Option<Hit> {
    let value = &bytes[found.clone()];
    let is_standing = STANDING.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    let is_option = value.starts_with(b"-") && value.len() < 3 || value.starts_with(b"--");
    let is_none = value.is_empty() || is_masked(value) || is_placeholder(value) || is_standing;
    let hit = Hit { start: found.start, end: found.end, kind: NAME, form: Form::Value };
    (!is_none && !is_option && !value.starts_with(b"[")).then_some(hit)
}
