//! The system log as it is written to files: `Mmm dd hh:mm:ss host tag[pid]: message`.
//!
//! RFC 3164 with or without its priority, the files of rsyslog and syslog-ng with RFC 3339 times,
//! and the forms `short`, `short-iso`, `short-precise`, `short-full` and `short-unix` of journalctl.
//! Without a priority no level is known. A message that is CEF, JSON or a line of HAProxy is taken
//! apart. Lines without a tag keep everything behind the host as their message.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::{Civil, ISO, SYSLOG, epoch};

pub(super) static FORMAT: Format = Format {
    name: "syslog",
    certainty: 60,
    starts: Starts::Any,
    example: "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let priority = priority(&mut scan);
    let time = match time(&mut scan) {
        Some(time) => time.settle(defaults),
        None => epoch(scan.word()?)?,
    };
    scan.literal(" ")?;
    let host = scan.word()?;
    let is_part = |character: char| {
        character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | ':' | '@' | '/' | '%')
    };
    if !host.chars().all(is_part) {
        return None;
    }
    // `time LEVEL module: message` of any program looks just the same.
    if priority.is_none() && is_level(host) {
        return None;
    }
    scan.blanks()?;
    let (tag, pid) = tag(&mut scan).unwrap_or_default();
    let is_traditional = line.starts_with(|character: char| character.is_ascii_alphabetic());
    // Behind an ISO time any words may follow; only a tag tells that this is a system log.
    if tag.is_empty() && priority.is_none() && !is_traditional {
        return None;
    }
    let level = priority.and_then(|priority| severity(priority % 8));
    let mut parsed = Parsed::new(time, level, scan.rest()).module(tag);
    parsed = parsed.text("host", host).number("pid", pid);
    if let Some(priority) = priority {
        parsed = parsed.number("facility", &(priority / 8).to_string());
    }
    Some(parsed.unwrapped(tag, defaults))
}

/// Whether a word in capitals is the name of a level.
fn is_level(word: &str) -> bool {
    word.chars().all(|character| character.is_ascii_uppercase()) && Level::from_name(word).is_some()
}

/// `<n>`, up to facility 23 and severity 7.
pub(super) fn priority(scan: &mut Scan<'_>) -> Option<u64> {
    let mut ahead = *scan;
    ahead.literal("<")?;
    let priority = ahead.number().filter(|priority| *priority <= 191)?;
    ahead.literal(">")?;
    *scan = ahead;
    Some(priority)
}

/// 0 is an emergency, 7 is debugging.
pub(super) fn severity(number: u64) -> Option<Level> {
    Some(match number {
        0..=2 => Level::Fatal,
        3 => Level::Error,
        4 => Level::Warn,
        5..=6 => Level::Info,
        7 => Level::Debug,
        _ => return None,
    })
}

fn time<'a>(scan: &mut Scan<'a>) -> Option<Civil<'a>> {
    scan.time(SYSLOG).or_else(|| scan.time("a Y-m-d H:M:Sfz")).or_else(|| scan.time(ISO))
}

/// `tag[pid]: ` or `tag: `.
fn tag<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, &'a str)> {
    let mut ahead = *scan;
    let tag = ahead.take(|character| !matches!(character, ' ' | '[' | ':' | '\t'))?;
    let pid = ahead.between("[", "]").unwrap_or_default();
    ahead.literal(":")?;
    let message = ahead.rest();
    if !message.is_empty() {
        ahead.literal(" ")?;
    }
    *scan = ahead;
    Some((tag, pid))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            FORMAT.example,
            "2026-10-11T22:14:15.000Z FATAL su: 'su root' failed for lonvick on /dev/pts/8 \
             {host='mymachine' facility=4}",
        );
        check(
            &FORMAT,
            "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; user unknown",
            "2026-06-14T15:16:01.000Z INFO sshd(pam_unix): check pass; user unknown \
             {host='combo' pid=19939}",
        );
        check(
            &FORMAT,
            "Jun 19 04:09:11 combo syslogd 1.4.1: restart.",
            "2026-06-19T04:09:11.000Z INFO : syslogd 1.4.1: restart. {host='combo'}",
        );
        check(
            &FORMAT,
            "2026-11-21T10:00:00.123456+01:00 host systemd[1]: Started x.",
            "2026-11-21T09:00:00.123Z INFO systemd: Started x. {host='host' pid=1}",
        );
        check(
            &FORMAT,
            "Sat 2026-11-21 10:00:00 UTC host kernel: x",
            "2026-11-21T10:00:00.000Z INFO kernel: x {host='host'}",
        );
        check(
            &FORMAT,
            "Nov 21 10:00:00.250000 host cron[7]: x",
            "2026-11-21T10:00:00.250Z INFO cron: x {host='host' pid=7}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00 starting up now");
        for time in ["2026-11-21 10:00:00", "2026-11-21 10:00:00,123", "Nov 21 10:00:00"] {
            for level in ["ERROR", "WARN", "INFO", "CRITICAL"] {
                refuses(&FORMAT, &format!("{time} {level} app: bad"));
            }
        }
        check(
            &FORMAT,
            "<11>Nov 31 10:00:00 host x: y",
            "- ERROR x: y {host='host' facility=1 time='Nov 31 10:00:00' time_source='arrival'}",
        );
        refuses(&FORMAT, "<192>Oct 11 22:14:15 mymachine su: x");
    }
}
