//! URLs that are secrets themselves: the webhooks of chats, and URLs with a signature.

use super::super::bytes::{BASE64, DASHED, DIGITS, HEX, URL_SAFE};
use super::super::hit::{Form, Hit};
use super::super::percent;
use super::shape::{ANY, Part, Place, Shape, is_mixed};
use super::{Finder, Kind};

use Part::{Maybe, Run, Text};

const GROUP: &str = "url";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "url_signature",
        group: GROUP,
        looks: "`Signature=`, `X-Amz-Signature=`, `X-Goog-Signature=`, `sig=` and at least 20 of base64 or hexadecimal digits",
        anchors: &[
            "&Signature=",
            "?Signature=",
            " Signature=",
            "&signature=",
            "?signature=",
            "z-Signature=",
            "g-Signature=",
            "&sig=",
            "?sig=",
            "26Signature%3D",
            "3FSignature%3D",
            "z-Signature%3D",
            "g-Signature%3D",
            "26sig%3D",
            "3Fsig%3D",
        ],
        finder: Finder::Code(signature),
    },
    Kind::shaped(
        "discord_webhook",
        GROUP,
        "`webhooks/`, 17 to 20 digits, `/` and at least 60 of `[A-Za-z0-9_-]`",
        &["ebhooks/", "ebhooks%2F"],
        Shape::new("webhooks/", &[Run(DIGITS, 17, 20), Text("/"), Run(URL_SAFE, 60, 90)]),
    ),
    Kind::shaped(
        "teams_webhook",
        GROUP,
        "`webhookb2/`, two UUIDs, `/IncomingWebhook/` and the path",
        &["bhookb2/", "bhookb2%2F"],
        Shape::new(
            "webhookb2/",
            &[
                Run(DASHED, 36, 36),
                Text("@"),
                Run(DASHED, 36, 36),
                Text("/IncomingWebhook/"),
                Run(HEX, 32, 32),
                Maybe("/", DASHED, 36, 36),
                Maybe("/", URL_SAFE, 8, ANY),
            ],
        ),
    ),
    Kind::shaped(
        "feishu_webhook",
        GROUP,
        "`v2/hook/` and 36 of `[A-Za-z0-9-]`: Feishu, Lark",
        &["2/hook/", "v2%2Fhook%2F"],
        Shape::new("v2/hook/", &[Run(DASHED, 30, 40)]),
    ),
    Kind::shaped(
        "wecom_webhook",
        GROUP,
        "`send?key=` and 36 of `[A-Za-z0-9-]`",
        &["nd?key=", "nd?key%3D", "nd%3Fkey%3D"],
        Shape::new("send?key=", &[Run(DASHED, 32, 40)]),
    ),
];

/// Shortest signature.
const SIGNATURE_BYTES_MIN: usize = 20;

fn signature(place: &Place<'_>) -> Option<Hit> {
    let (bytes, start) = (place.bytes, place.at + place.anchor.len());
    // In a URL that is a parameter itself, the next one follows behind `%26`, which no signature holds.
    let (length, count) = percent::run(bytes, start, BASE64 | URL_SAFE, ANY);
    let end = start + length;
    let is_long = count >= SIGNATURE_BYTES_MIN && is_mixed(&bytes[start..end]);
    let hit = Hit { start, end, kind: "url_signature", form: Form::Shape };
    is_long.then_some(hit)
}
