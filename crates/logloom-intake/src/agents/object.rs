//! A JSON object as far as it is looked at: its members in their order, each as it was written.

use std::fmt;

use logloom_record::{Value, json};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Object<'a> {
    members: Vec<(String, &'a str)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((name, value.get()));
                }
                Ok(Object { members })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'a> Object<'a> {
    /// The object that this text is; `None` where it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// A member as it was written; `None` where it is absent or null.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map(|(_, raw)| *raw).filter(|raw| *raw != "null")
    }

    /// A member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        text_of(self.raw(name)?)
    }

    /// A member that is an object.
    pub(super) fn object(&self, name: &str) -> Option<Object<'a>> {
        Object::parse(self.raw(name)?)
    }

    /// The elements of a member that is an array.
    pub(super) fn array(&self, name: &str) -> Option<Vec<&'a str>> {
        array_of(self.raw(name)?)
    }

    /// A member that is a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.raw(name)?.parse().ok()
    }

    /// A member that is a count.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.raw(name)?.parse().ok()
    }

    /// Whether a member is true.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.raw(name) == Some("true")
    }

    /// The members that are not named here, as they were written; `None` when there are none.
    pub(super) fn without(&self, names: &[&str]) -> Option<String> {
        let mut rest = String::from("{");
        for (name, raw) in &self.members {
            if names.contains(&name.as_str()) || *raw == "null" {
                continue;
            }
            if rest.len() > 1 {
                rest.push(',');
            }
            rest.push_str(&json::to_json(&Value::Text(name.clone())));
            rest.push(':');
            rest.push_str(raw);
        }
        (rest.len() > 1).then(|| rest + "}")
    }
}

/// An object with one more member at its end.
pub(super) fn with_member(
    object: Option<String>,
    name: &str,
    member: Option<String>,
) -> Option<String> {
    match (object, member) {
        (object, None) => object,
        (None, Some(member)) => Some(format!("{{\"{name}\":{member}}}")),
        (Some(object), Some(member)) => {
            let head = object.strip_suffix('}').unwrap_or(&object);
            Some(format!("{head},\"{name}\":{member}}}"))
        }
    }
}

/// The elements of an array.
pub(super) fn array_of(raw: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// The text of a string.
pub(super) fn text_of(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// A value as it was written.
pub(super) fn as_written(raw: &str) -> Value {
    match text_of(raw) {
        Some(text) => Value::Text(text),
        None => Value::Json(json::compact(raw).unwrap_or_else(|_| raw.to_owned())),
    }
}
