//! Slack's tokens and webhooks.

use super::super::bytes::{ALPHANUMERIC, DASHED, DIGITS, WORD};
use super::super::bytes::{may_begin, run};
use super::super::hit::{Form, Hit};
use super::shape::{ANY, Part, Place, Shape, is_mixed};
use super::{Finder, Kind};

use Part::{Run, Text};

const GROUP: &str = "api_keys";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "slack_token",
        group: GROUP,
        looks: "`xoxb-`, `xoxp-`, `xoxe-`, `xoxe.xoxp-` and the like, and at least 20 of `[A-Za-z0-9-]`",
        anchors: &["xoxa", "xoxb", "xoxc", "xoxd", "xoxe", "xoxp", "xoxr", "xoxs"],
        finder: Finder::Code(token),
    },
    Kind::shaped(
        "slack_app_token",
        GROUP,
        "`xapp-`, a digit and at least 20 of `[A-Za-z0-9-]`",
        &["xapp-"],
        Shape::new("xapp-", &[Run(DIGITS, 1, 1), Text("-"), Run(DASHED, 20, ANY)]),
    ),
    Kind::shaped(
        "slack_webhook",
        GROUP,
        "`hooks.slack.com/services/` (or `workflows/`, `triggers/`) and the path",
        &[".slack.com"],
        Shape::new(
            "hooks.slack.com/",
            &[
                Run(ALPHANUMERIC, 8, 9),
                Text("/"),
                Run(WORD | DASHED, 8, 12),
                Text("/"),
                Run(HOOK, 10, 90),
            ],
        )
        .keeping("hooks.slack.com/services/".len()),
    ),
];

/// `/` is only to be had with `+`, which no webhook has.
const HOOK: super::super::bytes::Alphabet = super::super::bytes::BASE64;

fn token(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let dash = place.at + 4;
    let is_one = matches!(bytes.get(dash), Some(b'-' | b'.'));
    let body = dash + 1;
    let end = body + run(bytes, body, DASHED, ANY);
    let is_long = end - body >= 20 && is_mixed(&bytes[body..end]);
    let hit = Hit { start: body, end, kind: "slack_token", form: Form::Shape };
    (is_one && is_long && may_begin(bytes, place.at)).then_some(hit)
}
