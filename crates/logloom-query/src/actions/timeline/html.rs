//! A session as one HTML file that needs nothing else and can do nothing.
//!
//! Takes a timeline, writes the page as it goes, so that a long session needs little memory. Data
//! never becomes HTML: every text is escaped, what a browser could take for a control character is
//! spelt out, and the page's own policy allows neither scripts nor anything from elsewhere; its one
//! style is known by its checksum.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use super::entry::Entry;
use super::text::{heading, label, totals_line};
use super::{Telling, Timeline, Told};
use crate::actions::lang::Lang;
use crate::actions::table::RowClock;
use crate::show::safe_text;

/// The style of the page.
const STYLE: &str = include_str!("style.css");

/// SHA-256 of [`STYLE`] in base 64, as a page's policy names it.
const STYLE_SHA256: &str = "qqmeInKHLgAfUlfhNnnoeaDbMinXHYv/10gOE3TstaY=";

/// Writes a session as a page, in the language of the timeline.
///
/// # Errors
/// Those of writing.
pub fn write_html(
    timeline: Timeline<'_>,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> io::Result<Told> {
    let clock = RowClock { zone: zone.clone(), is_one_day: false, says_utc: false };
    let lang = timeline.lang;
    let (mut failed, mut is_begun) = (None, false);
    let told = timeline.tell(Telling::Joined, &mut |entry, session| {
        let mut text = String::new();
        if !is_begun {
            is_begun = true;
            text.push_str(&head(&heading(session, lang), lang));
        }
        push_entry(entry, &clock, lang, &mut text);
        match out.write_all(text.as_bytes()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let mut foot = if is_begun { String::new() } else { head(&heading(&told.session, lang), lang) };
    let _ = writeln!(foot, "<p>{}</p>", escaped(totals_line(&told.session, lang).trim_end()));
    foot.push_str("</body>\n</html>\n");
    out.write_all(foot.as_bytes())?;
    out.flush()?;
    Ok(told)
}

fn head(title: &str, lang: Lang) -> String {
    let title = escaped(title);
    let language = lang.pick("en", "zh");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'sha256-{STYLE_SHA256}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    )
}

fn push_entry(entry: &Entry, clock: &RowClock, lang: Lang, out: &mut String) {
    let has_texts = !entry.body.is_empty() || !entry.output.is_empty();
    let class = format!(
        "e d{}{}{}",
        entry.depth,
        if entry.is_error { " bad" } else { "" },
        if entry.action_type.starts_with("user_") { " user" } else { "" }
    );
    let line = line(entry, clock, lang);
    if !has_texts {
        let _ = writeln!(out, "<div class=\"{class}\">{line}</div>");
        return;
    }
    let _ = write!(out, "<details class=\"{class}\"><summary>{line}</summary>");
    for text in [&entry.body, &entry.output] {
        if !text.is_empty() {
            let _ = write!(out, "<pre>{}</pre>", escaped(text));
        }
    }
    out.push_str("</details>\n");
}

fn line(entry: &Entry, clock: &RowClock, lang: Lang) -> String {
    let time = escaped(&clock.show(entry.time_ns));
    let label = escaped(&label(entry, lang));
    let mut line = format!("<time>{time}</time><b>{label}</b>{}", escaped(&entry.text));
    if !entry.outcome.is_empty() {
        let _ = write!(line, " \u{21d2} {}", escaped(&entry.outcome));
    }
    let mut add = |text: &str| {
        if !text.is_empty() {
            let _ = write!(line, "<i>{}</i>", escaped(text));
        }
    };
    if entry.is_open {
        add(lang.pick("no result", "无结果"));
    }
    add(entry.shown_status());
    add(&entry.duration_ms.map(|time| lang.duration(time)).unwrap_or_default());
    if let Some(permission) = &entry.permission {
        add(&permission.level);
        add(&permission.decision);
        add(&permission.waited_ms.map(|time| lang.duration(time)).unwrap_or_default());
    }
    line
}

/// Text that is nothing but text in HTML, within elements and attributes.
fn escaped(text: &str) -> String {
    let safe = safe_text(text);
    let mut out = String::with_capacity(safe.len() + 16);
    for character in safe.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_text() {
        assert_eq!(
            escaped("<script>alert(\"1\")</script>&amp;'\u{202e}\u{0}"),
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;\\u{202e}\\u{0}"
        );
    }

    #[test]
    fn the_policy_knows_the_style() {
        assert_eq!(base64(&sha256(STYLE.as_bytes())), STYLE_SHA256);
        assert_eq!(base64(&sha256(b"abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        let head = head("a\"b", Lang::English);
        assert!(head.contains("default-src 'none'") && head.contains("<h1>a&quot;b</h1>"));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains('<'));
    }

    fn base64(bytes: &[u8]) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for part in bytes.chunks(3) {
            let group = part.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte));
            let group = group << (8 * (3 - part.len()));
            for place in 0..4 {
                let letter = LETTERS[(group >> (18 - 6 * place) & 63) as usize];
                text.push(if place <= part.len() { char::from(letter) } else { '=' });
            }
        }
        text
    }

    /// The checksum as FIPS 180-4 describes it; its constants are computed from the first primes.
    fn sha256(message: &[u8]) -> Vec<u8> {
        let primes: Vec<u32> =
            (2u32..400).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
        let fraction = |root: f64| ((root.fract()) * 4_294_967_296.0) as u32;
        let k: Vec<u32> = primes.iter().map(|p| fraction(f64::from(*p).cbrt())).collect();
        let mut hash: Vec<u32> =
            primes.iter().take(8).map(|p| fraction(f64::from(*p).sqrt())).collect();
        let mut padded = message.to_vec();
        padded.push(0x80);
        while padded.len() % 64 != 56 {
            padded.push(0);
        }
        padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
        for block in padded.chunks(64) {
            let mut w: Vec<u32> = block
                .chunks(4)
                .map(|word| word.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
                .collect();
            for i in 16..64 {
                let (a, b) = (w[i - 15], w[i - 2]);
                let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
                let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
                w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
            }
            let mut v = hash.clone();
            for i in 0..64 {
                let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
                let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
                let t1 = v[7].wrapping_add(s1).wrapping_add(choice);
                let t1 = t1.wrapping_add(k[i]).wrapping_add(w[i]);
                let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
                v.rotate_right(1);
                v[4] = v[4].wrapping_add(t1);
                v[0] = t1.wrapping_add(s0.wrapping_add(majority));
            }
            hash.iter_mut().zip(v).for_each(|(sum, word)| *sum = sum.wrapping_add(word));
        }
        hash.iter().flat_map(|word| word.to_be_bytes()).collect()
    }
}
