//! Takes the table of keys, hands on the JSON Schema of `logloom.yaml` for editors; refuses to
//! describe a key that the parser does not know, since both are the same table.

mod json;

use json::Json;
use logloom_core::action::ActionType;
use logloom_core::settings::{Codec, Housekeeping};
use logloom_record::Level;

use crate::convert::{FORMAT_NAMES, LEVEL_NAMES, POLICY_NAMES};
use crate::keys::{Availability, KEYS, Key, Kind, Shape, children};

const SIZE: &str = r"^\s*[0-9]+(\.[0-9]+)?\s*(([KkMmGgTt][Ii]?)?[Bb])?\s*$";
const TIME: &str = r"^\s*[0-9]+(\.[0-9]+)?\s*(h|m|s|ms|us|ns)\s*$";
const DURABILITY: &str = r"^(process|every|(interval|level)([ :=].*)?)$";

/// The JSON Schema (draft 2020-12) of `logloom.yaml`, indented, with a newline at its end.
pub fn schema() -> String {
    let mut members = vec![
        member("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        member("title", text("logloom.yaml")),
    ];
    members.extend(section(""));
    Json::Object(members).indented()
}

type Member = (String, Json);

fn member(name: &str, value: Json) -> Member {
    (name.to_owned(), value)
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn object(members: &[(&str, Json)]) -> Json {
    Json::Object(members.iter().map(|(name, value)| member(name, value.clone())).collect())
}

fn of_type(name: &str) -> Json {
    object(&[("type", text(name))])
}

/// Members of the schema of a section: a section without a value is an empty one.
fn section(path: &str) -> Vec<Member> {
    let mut properties = Vec::new();
    let mut others = Json::Switch(false);
    for name in children(path) {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let schema = match KEYS.iter().find(|key| key.path == path) {
            Some(key) => key_schema(key),
            None => Json::Object(section(&path)),
        };
        match name {
            "*" => others = schema,
            _ => properties.push(member(name, schema)),
        }
    }
    vec![
        member("type", Json::List(vec![text("object"), text("null")])),
        member("additionalProperties", others),
        member("properties", Json::Object(properties)),
    ]
}

fn key_schema(key: &Key) -> Json {
    let note = match key.availability {
        Availability::Now => "",
        Availability::Later => " Not available in this version.",
    };
    let description = format!("{}{note} Default: {}.", key.summary, key.default);
    let mut members = vec![member("description", text(&description))];
    if let Json::Object(kind) = kind_schema(key.kind) {
        members.extend(kind);
    }
    Json::Object(members)
}

fn kind_schema(kind: Kind) -> Json {
    match kind {
        Kind::Text(_) | Kind::Secret(_) | Kind::RingDirectory(_) => of_type("string"),
        Kind::MaskRules(_) => any(vec![of_type("string"), list_of(of_type("object"))]),
        Kind::Directories(_) => any(vec![of_type("string"), list_of(of_type("string"))]),
        Kind::Durability(_) => pattern(DURABILITY),
        Kind::Size(_) | Kind::SmallSize(_) => any(vec![of_type("integer"), pattern(SIZE)]),
        Kind::OptionalSize(_) => any(vec![of_type("integer"), pattern(SIZE), one_of(&["never"])]),
        Kind::OptionalDays(_) | Kind::OptionalCount(_) => {
            any(vec![of_type("integer"), one_of(&["never"])])
        }
        Kind::Time(_) => pattern(TIME),
        Kind::Count(_) => of_type("integer"),
        Kind::Digits(_) => object(&[("enum", Json::List(vec![Json::Number(6), Json::Number(9)]))]),
        Kind::Switch(_) => of_type("boolean"),
        Kind::Level(_) | Kind::ModuleLevel => level(),
        Kind::LevelPolicy(level) if level >= Level::Error => {
            one_of(&["block", "block_with_timeout"])
        }
        Kind::Policy(_) | Kind::LevelPolicy(_) => one_of(&POLICY_NAMES),
        Kind::Names(_) | Kind::Shape(Shape::Names) => list_of(of_type("string")),
        Kind::Actions(_) => {
            let names: Vec<&str> = ActionType::ALL.iter().map(|kind| kind.name()).collect();
            list_of(one_of(&names))
        }
        Kind::Format(_) => one_of(&FORMAT_NAMES),
        Kind::Codec(_) => one_of(&Codec::ALL.map(Codec::name)),
        Kind::Housekeeping(_) => one_of(&Housekeeping::NAMES),
        Kind::DeleteRules(_) => list_of(delete_rule()),
        Kind::Shape(Shape::Address) => pattern(r"^.+:[0-9]{1,5}$"),
        Kind::Choice(_) => any(vec![of_type("boolean"), one_of(&["auto"])]),
        Kind::LevelShare(_) => share(),
        Kind::SampleRules(_) => list_of(sample_rule()),
        Kind::Shape(Shape::Outputs) => list_of(output()),
    }
}

fn any(choices: Vec<Json>) -> Json {
    object(&[("anyOf", Json::List(choices))])
}

fn list_of(item: Json) -> Json {
    object(&[("type", text("array")), ("items", item)])
}

fn pattern(pattern: &str) -> Json {
    object(&[("type", text("string")), ("pattern", text(pattern))])
}

fn one_of(names: &[&str]) -> Json {
    object(&[("enum", Json::List(names.iter().map(|name| text(name)).collect()))])
}

fn level() -> Json {
    one_of(&LEVEL_NAMES)
}

fn share() -> Json {
    object(&[("type", text("number")), ("minimum", Json::Number(0)), ("maximum", Json::Number(1))])
}

fn sample_rule() -> Json {
    let names = || list_of(of_type("string"));
    let properties = object(&[
        ("name", of_type("string")),
        ("levels", list_of(level())),
        ("loggers", names()),
        ("messages", names()),
        ("rate", share()),
        ("first", of_type("integer")),
        ("every", of_type("integer")),
        ("interval", of_type("string")),
    ]);
    object(&[
        ("type", text("object")),
        ("required", Json::List(vec![text("name")])),
        ("additionalProperties", Json::Switch(false)),
        ("properties", properties),
    ])
}

fn delete_rule() -> Json {
    let size = || any(vec![of_type("integer"), pattern(SIZE)]);
    let properties = object(&[
        ("name", of_type("string")),
        ("older_than_days", of_type("integer")),
        ("at_least", size()),
        ("keep_files", of_type("integer")),
        ("keep_size", size()),
        ("test", of_type("boolean")),
    ]);
    object(&[
        ("type", text("object")),
        ("additionalProperties", Json::Switch(false)),
        ("properties", properties),
    ])
}

fn output() -> Json {
    let properties = object(&[("name", of_type("string")), ("type", of_type("string"))]);
    object(&[
        ("type", text("object")),
        ("required", Json::List(vec![text("name"), text("type")])),
        ("properties", properties),
    ])
}
