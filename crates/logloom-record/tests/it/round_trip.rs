//! Whatever is put into a record stands in its line.

use crate::support::{line, record, site};
use logloom_record::dialect::loom::LoomOptions;
use logloom_record::wire::{RecordView, ValueView, value_from_view};
use logloom_record::{Encode, MessageKind, Value, json};
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        any::<u64>().prop_map(Value::U64),
        any::<i128>().prop_map(Value::I128),
        any::<u128>().prop_map(Value::U128),
        "-?[1-9][0-9]{0,60}".prop_map(Value::BigInteger),
        "[0-9a-z.]{0,8}".prop_map(Value::Decimal),
        any::<f64>()
            .prop_filter("NaN is not equal to itself", |f| !f.is_nan())
            .prop_map(Value::F64),
        any::<f32>()
            .prop_filter("NaN is not equal to itself", |f| !f.is_nan())
            .prop_map(Value::F32),
        any::<String>().prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        any::<i64>().prop_map(Value::Time),
        any::<u32>().prop_map(Value::Masked),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec(("[a-c\"é]{0,2}", inner), 0..5).prop_map(Value::Object),
        ]
    })
}

/// Whether the JSON that was read back means the value that went in.
fn means(json: &serde_json::Value, value: &Value) -> bool {
    match value {
        Value::Null => json.is_null(),
        Value::Bool(value) => json.as_bool() == Some(*value),
        Value::I64(value) => json.as_i64() == Some(*value),
        Value::U64(value) => json.as_u64() == Some(*value),
        Value::F64(value) if value.is_finite() => json.as_f64() == Some(*value),
        Value::F32(value) if value.is_finite() => {
            json.as_f64().map(|double| double as f32) == Some(*value)
        }
        Value::Text(text) => json.as_str() == Some(text),
        Value::Masked(_) => json == "[MASKED]",
        Value::Array(values) => json.as_array().is_some_and(|array| {
            array.len() == values.len()
                && array.iter().zip(values).all(|(json, value)| means(json, value))
        }),
        Value::Object(entries) => json.as_object().is_some_and(|map| map.len() == entries.len()),
        _ => true,
    }
}

/// Kinds that serde_json reads as doubles or as text are compared as text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::I128(value) => Some(value.to_string()),
        Value::U128(value) => Some(value.to_string()),
        Value::BigInteger(digits) => Some(digits.clone()),
        Value::F64(value) if *value == f64::INFINITY => Some("\"Infinity\"".into()),
        Value::F64(value) if *value == f64::NEG_INFINITY => Some("\"-Infinity\"".into()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_come_back_from_the_line(first in value(), second in value(), third in value()) {
        let site = site(MessageKind::Literal, "m", &["a", "b"]);
        let bytes = record(&(&first, (&second, ())), 0, &[("c", third.clone())], &[]);
        let (line, rendered) = line(&site, &LoomOptions::default(), &bytes);
        prop_assert!(!rendered.truncated && !rendered.damaged);
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        for (name, value) in [("a", &first), ("b", &second), ("c", &third)] {
            prop_assert!(means(&parsed[name], value), "{name} of {line}: {value:?}");
            if let Some(text) = text_of(value) {
                let member = format!("\"{name}\":{text}");
                prop_assert!(line.contains(&member), "{line}");
            }
        }
    }

    #[test]
    fn values_come_back_from_the_bytes(value in value()) {
        let bytes = record(&(&value, ()), 0, &[], &[]);
        let view = RecordView::parse(&bytes, 1).unwrap();
        let read = value_from_view(view.values().next().unwrap().unwrap()).unwrap();
        prop_assert_eq!(read, value);
    }

    #[test]
    fn json_text_agrees_with_the_judge(value in value(), noise in "[\\[\\]{}:,\"\\\\a0-9.eE+ \n-]{0,12}") {
        let text = json::to_json(&value);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok() || text_is_huge(&value));
        prop_assert!(json::validate(&text).is_ok(), "{}", text);
        let judge = serde_json::from_str::<serde::Any>(&noise).is_ok();
        prop_assert_eq!(json::validate(&noise).is_ok(), judge, "{}", noise);
        if let Ok(compact) = json::compact(&noise) {
            prop_assert!(serde_json::from_str::<serde::Any>(&compact).is_ok());
            prop_assert_eq!(json::compact(&compact), Ok(compact.clone()));
        }
    }
}

/// serde_json refuses numbers beyond the range of a double.
fn text_is_huge(value: &Value) -> bool {
    format!("{value:?}").contains("Decimal")
}

mod serde {
    /// Any JSON value, numbers beyond the range of a double included.
    pub(super) type Any = Box<serde_json::value::RawValue>;
}

#[test]
fn every_plain_type_reads_as_what_it_was() {
    fn read(value: &dyn Encode) -> String {
        let mut bytes = vec![0; value.encoded_len()];
        let mut out = logloom_record::wire::Encoder::new(&mut bytes);
        value.encode(&mut out);
        assert_eq!((out.written(), out.overflowed()), (value.encoded_len(), false));
        let view: ValueView<'_> = logloom_record::wire::read_value(&bytes).unwrap();
        json::to_json(&value_from_view(view).unwrap())
    }
    let error = std::io::Error::other("disk");
    let boxed: Box<dyn std::error::Error + Send + Sync> = "boxed".into();
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(1);
    let address: std::net::IpAddr = "::1".parse().unwrap();
    let table: &[(&dyn Encode, &str)] = &[
        (&-1_i8, "-1"),
        (&u64::MAX, "18446744073709551615"),
        (&i128::MIN, "-170141183460469231731687303715884105728"),
        (&0.1_f32, "0.1"),
        (&1.5_f64, "1.5"),
        (&f64::NAN, "\"NaN\""),
        (&'é', "\"é\""),
        (&"str", "\"str\""),
        (&String::from("string"), "\"string\""),
        (&std::borrow::Cow::Borrowed("cow"), "\"cow\""),
        (&None::<u8>, "null"),
        (&Some(&Box::new(1)), "1"),
        (&[1_u16, 2], "[1,2]"),
        (&vec!["a"], "[\"a\"]"),
        (&b"\x00\xFF".as_slice(), "\"AP8=\""),
        (&std::time::Duration::from_millis(1500), "1.5"),
        (&time, "\"1970-01-01T00:00:00.000000001Z\""),
        (&address, "\"::1\""),
        (&std::num::NonZeroU8::MIN, "1"),
        (&error, "{\"message\":\"disk\"}"),
        (&boxed, "{\"message\":\"boxed\"}"),
        (&std::collections::BTreeMap::from([("k", 1)]), "{\"k\":1}"),
        (&(), "null"),
    ];
    for (value, expected) in table {
        assert_eq!(read(*value), *expected);
    }
}
