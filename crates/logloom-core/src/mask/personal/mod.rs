//! Personal data, looked for only where the settings ask for it: what identifies a person and not a
//! program. Bytes come in, places go out, in order and without overlaps.

mod card;
mod digits;
mod email;
mod identity;
mod ip;
mod phone;

use super::bytes::escape_end;
use super::hit::{Form, Hit};

/// A sort of personal data.
#[derive(Debug)]
pub struct Personal {
    /// Its name, for `mask.personal`.
    pub name: &'static str,
    /// What it looks like, for people.
    pub looks: &'static str,
    find: fn(&[u8], &mut Vec<(usize, usize)>),
}

/// All sorts. Where two see the same text, the first one's name is told.
pub const PERSONAL: &[Personal] = &[
    Personal { name: "email", looks: "`name@host.domain`", find: email::find },
    Personal {
        name: "identity_card",
        looks: "Chinese identity card: 17 digits and a digit or `X` that is their checksum, with a \
                possible date of birth",
        find: identity::find,
    },
    Personal {
        name: "card",
        looks: "payment card: 13 to 19 digits of a known issuer, in groups or not, with Luhn's checksum",
        find: card::find,
    },
    Personal {
        name: "phone",
        looks: "telephone: `+49 30 901820`, `(415) 555-0132`, `138 0013 8000`",
        find: phone::find,
    },
    Personal {
        name: "ip",
        looks: "IPv4 and IPv6 addresses, but for those of the own machine",
        find: ip::find,
    },
];

/// Everything of these sorts, in order; of what overlaps, the rest.
pub(super) fn find(bytes: &[u8], wanted: &[&'static Personal], is_json: bool) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut found = Vec::new();
    for sort in wanted {
        (sort.find)(bytes, &mut found);
        let places = found.drain(..).filter_map(|(start, end)| whole(bytes, start, end, is_json));
        let hit = |(start, end)| Hit { start, end, kind: sort.name, form: Form::Value };
        hits.extend(places.map(hit));
    }
    hits.sort_by_key(|hit| hit.start);
    let mut end = 0;
    hits.retain_mut(|hit| {
        hit.start = hit.start.max(end);
        end = end.max(hit.end);
        hit.start < hit.end
    });
    hits
}

/// The place without a part of an escape at its front; `None` when it ends within one.
fn whole(bytes: &[u8], start: usize, end: usize, is_json: bool) -> Option<(usize, usize)> {
    let start = escape_end(bytes, start).filter(|_| is_json).unwrap_or(start);
    let is_whole = start < end && !(is_json && escape_end(bytes, end).is_some());
    is_whole.then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Vec<String> {
        let sort = PERSONAL.iter().find(|sort| sort.name == name).unwrap();
        let hits = find(text.as_bytes(), &[sort], true);
        hits.iter().map(|hit| text[hit.start..hit.end].to_owned()).collect()
    }

    fn check(name: &str, hidden: &[(&str, &str)], shown: &[&str]) {
        for (text, expected) in hidden {
            assert_eq!(found(name, text), [*expected], "{name}: {text}");
        }
        for text in shown {
            assert_eq!(found(name, text), Vec::<String>::new(), "{name}: {text}");
        }
    }

    #[test]
    fn e_mail_addresses() {
        check(
            "email",
            &[
                ("to bob.smith+x@mail.example.com.", "bob.smith+x@mail.example.com"),
                ("\\nbob@example.org\\n", "bob@example.org"),
                ("<a@b.cn>", "a@b.cn"),
            ],
            &["user@localhost", "left-pad@1.3.0", "@decorator", "a @ b.com", "git@github.com:a/b"],
        );
    }

    #[test]
    fn telephone_numbers() {
        check(
            "phone",
            &[
                ("call 13800138000 now", "13800138000"),
                ("call 138-0013-8000", "138-0013-8000"),
                ("+86 138 0013 8000", "+86 138 0013 8000"),
                ("+49 30 901820", "+49 30 901820"),
                ("+14155550132", "+14155550132"),
                ("(415) 555-0132", "(415) 555-0132"),
                ("415-555-0132", "415-555-0132"),
            ],
            &[
                "1380013800",
                "138001380001",
                "12800138000",
                "1+2",
                "0.13800138000",
                "2026-11-22",
                "+123",
            ],
        );
    }

    #[test]
    fn identity_cards() {
        check(
            "identity_card",
            &[
                ("id 11010519491231002X", "11010519491231002X"),
                ("440524188001010014", "440524188001010014"),
            ],
            &["110105194912310021", "11010519491331002X", "911010519491231002X"],
        );
    }

    #[test]
    fn payment_cards() {
        check(
            "card",
            &[
                ("4111 1111 1111 1111", "4111 1111 1111 1111"),
                ("5555-5555-5555-4444", "5555-5555-5555-4444"),
                ("378282246310005", "378282246310005"),
                ("6222021001116245702", "6222021001116245702"),
            ],
            &[
                "4111 1111 1111 1112",
                "1763795100123456789",
                "0000000000000000",
                "4111-1111-1111-11112",
            ],
        );
    }

    #[test]
    fn addresses_of_machines() {
        check(
            "ip",
            &[
                ("from 203.0.113.7:443", "203.0.113.7"),
                ("2001:db8::ff00:42:8329", "2001:db8::ff00:42:8329"),
                ("[fe80::1]", "fe80::1"),
            ],
            &[
                "127.0.0.1",
                "0.0.0.0",
                "::1",
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "12:34:56",
                "std::fs",
                "v1.2.3.4",
            ],
        );
    }
}
