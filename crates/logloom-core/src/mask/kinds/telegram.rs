//! Telegram's bot tokens: the number of the bot, `:`, and 35 characters that begin with `AA`. In a URL
//! the `:` may be `%3A`.

use super::super::bytes::{DIGITS, URL_SAFE, run_back};
use super::super::hit::{Form, Hit};
use super::shape::{Part, Place, follow, is_mixed};
use super::{Finder, Kind};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "telegram_bot_token",
    group: "api_keys",
    looks: "8 to 10 digits, `:AA` and 33 of `[A-Za-z0-9_-]`",
    anchors: &[":AA", "%3AAA", "%3aAA"],
    finder: Finder::Code(find),
}];

fn find(place: &Place<'_>) -> Option<Hit> {
    let digits = run_back(place.bytes, place.at, DIGITS, 11);
    let start = place.at + place.anchor.len() - "AA".len();
    let end = follow(place.bytes, start, &[Part::Run(URL_SAFE, 35, 35)])?;
    let is_token = (8..=10).contains(&digits) && is_mixed(&place.bytes[start..end]);
    let hit = Hit { start, end, kind: "telegram_bot_token", form: Form::Shape };
    is_token.then_some(hit)
}
