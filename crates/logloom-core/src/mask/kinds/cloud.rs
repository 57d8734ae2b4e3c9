//! Keys of cloud providers.

use super::super::bytes::{
    ALPHANUMERIC, BASE32, BASE64, DIGITS, HEX_LOWER, LOWER_DIGITS, UNRESERVED, URL_SAFE, run_back,
};
use super::super::hit::{Form, Hit};
use super::shape::{ANY, Part, Place, Shape, follow, is_mixed};
use super::{Finder, Kind};

use Part::{Maybe, Run};

const GROUP: &str = "cloud_keys";

/// AWS's own example, which is in half of all manuals.
const AWS_EXAMPLE: &[u8] = b"IOSFODNN7EXAMPLE";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "aws_access_key",
        group: GROUP,
        looks: "`AKIA`, `ASIA`, `ABIA`, `ACCA` or `A3T` and one more, and 16 of `[A-Z2-7]`; with the \
                secret of 40 characters directly behind it",
        anchors: &["AKIA", "ASIA", "ABIA", "ACCA", "A3T"],
        finder: Finder::Code(aws),
    },
    Kind::shaped(
        "aws_bedrock_key",
        GROUP,
        "`ABSK` and at least 100 of base64",
        &["ABSK"],
        Shape::new("ABSK", &[Run(BASE64, 100, ANY)]),
    ),
    Kind::shaped(
        "google_api_key",
        GROUP,
        "`AIza` and 35 of `[A-Za-z0-9_-]`",
        &["AIza"],
        Shape::new("AIza", &[Run(URL_SAFE, 35, 35)]),
    ),
    Kind::shaped(
        "google_access_token",
        GROUP,
        "`ya29.` and at least 20 of `[A-Za-z0-9_-]`",
        &["ya29."],
        Shape::new("ya29.", &[Run(URL_SAFE, 20, ANY), Maybe(".", URL_SAFE, 1, ANY)]),
    ),
    Kind::shaped(
        "google_client_secret",
        GROUP,
        "`GOCSPX-` and 28 of `[A-Za-z0-9_-]`",
        &["GOCSPX-"],
        Shape::new("GOCSPX-", &[Run(URL_SAFE, 24, 40)]),
    ),
    Kind::shaped(
        "google_refresh_token",
        GROUP,
        "`1//0` and at least 40 of `[A-Za-z0-9_-]`",
        &["1//0", "1%2F%2F0", "1%2f%2f0"],
        Shape::new("1//0", &[Run(URL_SAFE, 40, ANY)]),
    ),
    Kind {
        name: "azure_client_secret",
        group: GROUP,
        looks: "3 of `[A-Za-z0-9_~.]`, a digit, `Q~` and 31 to 34 of `[A-Za-z0-9_~.-]`",
        anchors: &["0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"],
        finder: Finder::Code(azure),
    },
    Kind::shaped(
        "digitalocean_token",
        GROUP,
        "`dop_v1_` and 64 hexadecimal digits",
        &["_v1_"],
        Shape::new("dop_v1_", &[Run(HEX_LOWER, 64, 64)]),
    ),
    Kind::shaped(
        "digitalocean_oauth_token",
        GROUP,
        "`doo_v1_` and 64 hexadecimal digits",
        &["_v1_"],
        Shape::new("doo_v1_", &[Run(HEX_LOWER, 64, 64)]),
    ),
    Kind::shaped(
        "digitalocean_refresh_token",
        GROUP,
        "`dor_v1_` and 64 hexadecimal digits",
        &["_v1_"],
        Shape::new("dor_v1_", &[Run(HEX_LOWER, 64, 64)]),
    ),
    Kind::shaped(
        "alibaba_access_key",
        GROUP,
        "`LTAI` and 12 to 20 of `[A-Za-z0-9]`",
        &["LTAI"],
        Shape::new("LTAI", &[Run(ALPHANUMERIC, 12, 20)]),
    ),
    Kind::shaped(
        "tencent_secret_id",
        GROUP,
        "`AKID` and 32 of `[A-Za-z0-9]`",
        &["AKID"],
        Shape::new("AKID", &[Run(ALPHANUMERIC, 32, 32)]),
    ),
    Kind::shaped(
        "databricks_token",
        GROUP,
        "`dapi` and 32 hexadecimal digits",
        &["dapi"],
        Shape::new("dapi", &[Run(HEX_LOWER, 32, 32), Maybe("-", DIGITS, 1, 1)]),
    ),
    Kind::shaped(
        "doppler_token",
        GROUP,
        "`dp.pt.` and 43 of `[A-Za-z0-9]`",
        &["dp.pt."],
        Shape::new("dp.pt.", &[Run(LOWER_DIGITS | ALPHANUMERIC, 40, 44)]),
    ),
];

fn aws(place: &Place<'_>) -> Option<Hit> {
    let prefix = if place.anchor == b"A3T" { 4 } else { place.anchor.len() };
    let body = place.at + prefix;
    let begins = super::super::bytes::may_begin(place.bytes, place.at);
    let end = follow(place.bytes, body, &[Run(BASE32, 16, 16)]).filter(|_| begins)?;
    let is_example = place.bytes[body..end] == *AWS_EXAMPLE;
    let end = end + aws_secret_len(place.bytes, end);
    (!is_example).then_some(Hit { start: body, end, kind: "aws_access_key", form: Form::Shape })
}

/// Bytes of the secret that belongs to the key before it, what divides them included.
fn aws_secret_len(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let gap = rest.iter().take(4).take_while(|byte| b" \t:,;|/".contains(byte)).count();
    let secret = super::super::bytes::run(bytes, at + gap, BASE64, 41);
    let body = rest.get(gap..gap + secret).unwrap_or_default();
    if gap > 0 && secret == 40 && is_mixed(body) { gap + secret } else { 0 }
}

/// The marker stands in the middle; all but it is hidden, what is before it as well.
fn azure(place: &Place<'_>) -> Option<Hit> {
    let start = place.at.checked_sub(3)?;
    let letters = run_back(place.bytes, place.at, UNRESERVED, 4);
    let begins = letters == 3 || super::super::bytes::may_begin(place.bytes, start);
    let end = follow(place.bytes, place.at + 3, &[Run(UNRESERVED, 31, 34)])?;
    let is_long = super::super::bytes::run(place.bytes, end, UNRESERVED, 1) > 0;
    let hit = Hit { start, end, kind: "azure_client_secret", form: Form::Shape };
    (letters >= 3 && begins && !is_long).then_some(hit)
}
