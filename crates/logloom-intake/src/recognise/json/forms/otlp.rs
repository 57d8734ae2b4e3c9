//! OTLP as JSON: `{"resourceLogs":[{"resource":..,"scopeLogs":[{"scope":..,"logRecords":[..]}]}]}`.
//!
//! One line holds any number of records; each becomes one of its own. The resource's `service.name`
//! is the service, the scope the module; attributes of the record come first among its fields, those
//! of the resource and the scope after them. A body that is no text becomes its JSON. Refuses lines
//! that hold no record.

use logloom_record::time::from_epoch_number;
use logloom_record::{Exception, Level, Record, Value};
use serde_json::Value as Json;

use super::super::super::{Defaults, blank, level, place_time, value};
use super::{Member, Outcome, generic};
use crate::clock::Time;

/// The one record of the line; a line of several is taken whole.
pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let [only] = &members[..] else { return Err(members) };
    let mut found =
        serde_json::from_str(only.raw).map(|logs| all(&logs, defaults)).unwrap_or_default();
    match found.len() {
        1 => Ok(found.pop()),
        _ => Ok(generic(members, 0, defaults)),
    }
}

/// Every record of the line; `None` where it holds none.
pub(in super::super) fn records(line: &str, defaults: &Defaults) -> Option<Vec<Record>> {
    let line: Json = serde_json::from_str(line).ok()?;
    let found = all(line.get("resourceLogs")?, defaults);
    (!found.is_empty()).then_some(found)
}

fn all(logs: &Json, defaults: &Defaults) -> Vec<Record> {
    let mut found = Vec::new();
    for of_resource in list(logs) {
        let resource = of_resource.get("resource").map(attributes).unwrap_or_default();
        for of_scope in list(&of_resource["scopeLogs"]) {
            let scope = &of_scope["scope"];
            for log in list(&of_scope["logRecords"]) {
                found.push(record(log, &resource, scope, defaults));
            }
        }
    }
    found
}

fn record(log: &Json, resource: &[(String, Value)], scope: &Json, defaults: &Defaults) -> Record {
    let mut record = blank(defaults);
    record.level = level_of(log).unwrap_or(defaults.level);
    if let Some(name) = scope["name"].as_str().filter(|name| !name.is_empty()) {
        record.module = name.to_owned();
    }
    record.message = match any(&log["body"]) {
        Value::Null => String::new(),
        Value::Text(text) => text,
        other => logloom_record::json::to_json(&other),
    };
    record.trace_id = words(&log["traceId"]);
    record.span_id = words(&log["spanId"]);
    record.fields = attributes(log);
    if let Some(name) = words(&log["eventName"]) {
        record.fields.push(("event_name".to_owned(), Value::Text(name)));
    }
    record.exception = exception(&record.fields);
    for (name, value) in resource {
        match value {
            Value::Text(service) if name == "service.name" => {
                record.service = Some(service.clone())
            }
            _ => record.fields.push((name.clone(), value.clone())),
        }
    }
    record.fields.extend(attributes(scope));
    place_time(&mut record, time(log));
    record
}

/// When it happened, or else when it was noticed; 0 stands for not known.
fn time(log: &Json) -> Time {
    let known = ["timeUnixNano", "observedTimeUnixNano"].into_iter().find_map(|name| {
        let number = match &log[name] {
            Json::String(text) => text.parse().ok(),
            number => number.as_i64(),
        };
        number.filter(|number| *number > 0).and_then(from_epoch_number)
    });
    known.map_or(Time::Unsettled(String::new()), Time::Known)
}

fn level_of(log: &Json) -> Option<Level> {
    let number = log["severityNumber"].as_u64().map(|number| number.to_string());
    let number = number.and_then(|number| level::from_member("severityNumber", &number));
    number.or_else(|| Level::from_name(log["severityText"].as_str()?))
}

fn exception(fields: &[(String, Value)]) -> Option<Exception> {
    let text = |wanted: &str| {
        fields.iter().find_map(|(name, value)| match value {
            Value::Text(text) if name == wanted => Some(text.clone()),
            _ => None,
        })
    };
    let (type_name, message) = (text("exception.type"), text("exception.message"));
    (type_name.is_some() || message.is_some()).then(|| Exception {
        type_name: type_name.unwrap_or_default(),
        message: message.unwrap_or_default(),
        ..Exception::default()
    })
}

fn attributes(of: &Json) -> Vec<(String, Value)> {
    let pair = |pair: &Json| Some((pair["key"].as_str()?.to_owned(), any(&pair["value"])));
    list(&of["attributes"]).iter().filter_map(pair).collect()
}

/// A value of OTLP, which names its own type.
fn any(of: &Json) -> Value {
    let Some((kind, inner)) = of.as_object().and_then(|of| of.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), inner) {
        ("intValue", Json::String(digits)) => value::typed(digits)
            .filter(|_| digits.parse::<i64>().is_ok())
            .unwrap_or_else(|| Value::Text(digits.clone())),
        ("arrayValue", _) => Value::Array(list(&inner["values"]).iter().map(any).collect()),
        ("kvlistValue", _) => {
            let pair = |pair: &Json| Some((pair["key"].as_str()?.to_owned(), any(&pair["value"])));
            Value::Object(list(&inner["values"]).iter().filter_map(pair).collect())
        }
        (_, Json::String(text)) => Value::Text(text.clone()),
        _ => value::typed(&inner.to_string()).unwrap_or(Value::Null),
    }
}

fn list(of: &Json) -> &[Json] {
    of.as_array().map_or(&[], Vec::as_slice)
}

fn words(of: &Json) -> Option<String> {
    of.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
