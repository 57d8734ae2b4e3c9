//! Pipes over groups of rows: `stats` and its functions, `top`, `uniq` and their like.

use std::ops::Range;

use logloom_filter::syntax::SyntaxError;

use super::reader::Reader;
use crate::pipes::{
    Bucket, By, Call, Facets, Function, Names, Pipe, Stats, Step, Top, Uniq, written,
};

type Parsed = Result<Vec<Pipe>, SyntaxError>;

/// The functions of `stats`.
pub(super) const FUNCTIONS: &[&str] = &[
    "avg",
    "count",
    "count_empty",
    "count_uniq",
    "histogram",
    "max",
    "median",
    "min",
    "quantile",
    "row_any",
    "row_max",
    "row_min",
    "sum",
    "sum_len",
    "uniq_values",
    "values",
];

/// Functions of LogsQL that are not part of the subset, with what does the same or similar.
const MISSING: &[(&str, &str)] = &[
    ("count_uniq_hash", "use count_uniq"),
    ("json_values", "use row_any, or values of single fields"),
    ("rate", "divide `count()` by the seconds with `math`"),
    ("rate_sum", "divide `sum(field)` by the seconds with `math`"),
];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name) || MISSING.iter().any(|(missing, _)| *missing == name)
}

pub(super) fn stats(reader: &mut Reader<'_, '_>) -> Parsed {
    let mut stats = Stats { by: Vec::new(), functions: Vec::new() };
    if reader.lexer.take_keyword("by") || reader.lexer.peek().is_symbol("(") {
        stats.by = by_fields(reader)?;
    }
    loop {
        let place = reader.lexer.place();
        let function = function(reader)?;
        let is_over = !reader.lexer.take_symbol(",");
        if is_over && stats.by.is_empty() && is_by(reader) {
            reader.lexer.take();
            stats.by = by_fields(reader)?;
        }
        let at = place.start..reader.lexer.place().start;
        refuse_twins(stats.functions.iter().chain([&function]), &stats.by, at)?;
        stats.functions.push(function);
        if is_over {
            break;
        }
    }
    reader.end("a comma and a function")?;
    Ok(vec![Pipe::Stats(stats)])
}

/// Whether groups are named behind the functions, as other languages have it.
fn is_by(reader: &Reader<'_, '_>) -> bool {
    reader.lexer.peek().is_keyword("by") && reader.lexer.peek_at(1).is_symbol("(")
}

/// Refuses two columns of one name.
fn refuse_twins<'f>(
    functions: impl Iterator<Item = &'f Function>,
    by: &[By],
    at: Range<usize>,
) -> Result<(), SyntaxError> {
    let mut taken: Vec<&str> = by.iter().map(|by| by.field.as_str()).collect();
    for function in functions {
        if taken.contains(&function.name.as_str()) {
            let text = format!("two columns of the result would be called `{}`", function.name);
            return Err(SyntaxError::new(at, text).with_hint("add `as` and another name"));
        }
        taken.push(&function.name);
    }
    Ok(())
}

/// `(a, b:10, _time:5m offset 2h)`.
fn by_fields(reader: &mut Reader<'_, '_>) -> Result<Vec<By>, SyntaxError> {
    let opened = reader.lexer.expect_symbol("(");
    opened.map_err(|error| error.with_hint("fields stand in brackets: `by (service, level)`"))?;
    let mut all = Vec::new();
    while !reader.lexer.take_symbol(")") {
        let field = reader.name()?;
        let bucket = if reader.lexer.take_symbol(":") { Some(bucket(reader)?) } else { None };
        all.push(By { field, bucket });
        if !reader.lexer.take_symbol(",") && !reader.lexer.peek().is_symbol(")") {
            return Err(reader.lexer.unexpected("`,` or `)`"));
        }
    }
    Ok(all)
}

fn bucket(reader: &mut Reader<'_, '_>) -> Result<Bucket, SyntaxError> {
    let (text, at) = reader.text("a step such as 5m or 100")?;
    let step = step(&text, at)?;
    let mut bucket = Bucket { step, offset: 0.0, written: text };
    if reader.lexer.take_keyword("offset") {
        let (offset, text, _) = reader.number("an offset such as 2h")?;
        bucket.offset = offset;
        bucket.written = format!("{} offset {text}", bucket.written);
    }
    Ok(bucket)
}

fn step(text: &str, at: Range<usize>) -> Result<Step, SyntaxError> {
    let size = match text.to_ascii_lowercase().as_str() {
        "nanosecond" => 1.0,
        "microsecond" => 1e3,
        "millisecond" => 1e6,
        "second" => 1e9,
        "minute" => 60e9,
        "hour" => 3600e9,
        "day" => 86_400e9,
        "week" => return Ok(Step::Week),
        "month" => return Ok(Step::Month),
        "year" => return Ok(Step::Year),
        other => match other.strip_prefix('/').and_then(|bits| bits.parse::<i32>().ok()) {
            Some(bits @ 0..=32) => 2f64.powi(32 - bits),
            _ => written(text).filter(|size| *size > 0.0).unwrap_or(0.0),
        },
    };
    if size > 0.0 {
        return Ok(Step::Size(size));
    }
    Err(SyntaxError::new(at, format!("`{text}` is no step"))
        .with_hint("write 5m, 1h, day, week, month, 100, 10KB or /24"))
}

fn function(reader: &mut Reader<'_, '_>) -> Result<Function, SyntaxError> {
    let call = call(reader)?;
    let condition = reader.condition()?;
    let named = if is_by(reader) { None } else { reader.result_name()? };
    let name = match named {
        Some(name) => name,
        None => match &condition {
            None => call.to_string(),
            Some(condition) => format!("{call} if ({condition})"),
        },
    };
    Ok(Function { call, condition, name })
}

fn call(reader: &mut Reader<'_, '_>) -> Result<Call, SyntaxError> {
    let token = reader.lexer.take();
    let name = token.text.to_ascii_lowercase();
    if !FUNCTIONS.contains(&name.as_str()) {
        return Err(unknown_function(&token.text, &name, token.at));
    }
    let place = reader.lexer.place();
    if name == "quantile" {
        return quantile(reader);
    }
    let mut fields = reader.names_in_parentheses(true)?;
    // All fields of a row are never all empty.
    if fields.contains(&Names::Prefix(String::new()))
        && matches!(name.as_str(), "count" | "row_any")
    {
        fields.clear();
    }
    let needs_field = !matches!(name.as_str(), "count" | "row_any");
    if needs_field && fields.is_empty() {
        return Err(SyntaxError::new(place, format!("`{name}` needs a field")));
    }
    Ok(match name.as_str() {
        "avg" => Call::Avg(fields),
        "count" => Call::Count(fields),
        "count_empty" => Call::CountEmpty(fields),
        "count_uniq" => Call::CountUniq { fields, limit: reader.limit()? },
        "histogram" => Call::Histogram(single(fields, place)?.0),
        "max" => Call::Max(fields),
        "median" => Call::Median(fields),
        "min" => Call::Min(fields),
        "row_any" => Call::RowAny(fields),
        "row_max" | "row_min" => {
            let (by, fields) = single(fields, place)?;
            match name.as_str() {
                "row_max" => Call::RowMax { by, fields },
                _ => Call::RowMin { by, fields },
            }
        }
        "sum" => Call::Sum(fields),
        "sum_len" => Call::SumLen(fields),
        "uniq_values" => Call::UniqValues { fields, limit: reader.limit()? },
        _ => Call::Values { fields, limit: reader.limit()? },
    })
}

fn unknown_function(given: &str, name: &str, at: Range<usize>) -> SyntaxError {
    if let Some((_, instead)) = MISSING.iter().find(|(missing, _)| *missing == name) {
        let text = format!("the function `{given}` is not part of this subset");
        return SyntaxError::new(at, text).with_hint(*instead);
    }
    let text = match given.is_empty() {
        true => "a function such as `count()` is missing".to_owned(),
        false => format!("there is no function `{given}`"),
    };
    SyntaxError::new(at, text).with_nearest(name, FUNCTIONS)
}

/// The first of some names, which is to be one field, and the others.
fn single(mut fields: Vec<Names>, at: Range<usize>) -> Result<(String, Vec<Names>), SyntaxError> {
    match fields.remove(0) {
        Names::One(field) => Ok((field, fields)),
        Names::Prefix(_) => Err(SyntaxError::new(at, "one field is wanted here, not several")),
    }
}

fn quantile(reader: &mut Reader<'_, '_>) -> Result<Call, SyntaxError> {
    reader.lexer.expect_symbol("(")?;
    let (share, written, at) = reader.number("a share from 0 to 1")?;
    if !(0.0..=1.0).contains(&share) {
        let text = format!("`{written}` is no share from 0 to 1");
        return Err(SyntaxError::new(at, text).with_hint("the 99th percentile is 0.99"));
    }
    reader.lexer.expect_symbol(",")?;
    let fields = reader.names()?;
    reader.lexer.expect_symbol(")")?;
    Ok(Call::Quantile { share, written, fields })
}

pub(super) fn top(reader: &mut Reader<'_, '_>) -> Parsed {
    let limit = if reader.is_number() { reader.count("the number of values")? } else { 10 };
    reader.lexer.take_keyword("by");
    let by = reader.fields_in_parentheses()?;
    let mut top = Top { by, limit, hits: "hits".to_owned(), rank: None };
    loop {
        reader.lexer.take_keyword("with");
        if reader.lexer.take_keyword("hits") {
            top.hits = reader.as_name()?.unwrap_or(top.hits);
        } else if reader.lexer.take_keyword("rank") {
            top.rank = Some(reader.as_name()?.unwrap_or_else(|| "rank".to_owned()));
        } else {
            reader.end("hits, rank")?;
            return Ok(vec![Pipe::Top(top)]);
        }
    }
}

pub(super) fn uniq(reader: &mut Reader<'_, '_>) -> Parsed {
    reader.lexer.take_keyword("by");
    let by = reader.fields_in_parentheses()?;
    let mut uniq = Uniq { by, hits: None, limit: None };
    loop {
        reader.lexer.take_keyword("with");
        if reader.lexer.take_keyword("hits") {
            uniq.hits = Some(reader.as_name()?.unwrap_or_else(|| "hits".to_owned()));
        } else if let Some(limit) = reader.limit()? {
            uniq.limit = Some(limit);
        } else {
            reader.end("hits, limit")?;
            return Ok(vec![Pipe::Uniq(uniq)]);
        }
    }
}

impl Reader<'_, '_> {
    /// `as name`, where it stands here.
    fn as_name(&mut self) -> Result<Option<String>, SyntaxError> {
        if self.lexer.take_keyword("as") { self.name().map(Some) } else { Ok(None) }
    }
}

pub(super) fn field_values(reader: &mut Reader<'_, '_>) -> Parsed {
    let by = vec![reader.name()?];
    let limit = reader.limit()?;
    reader.end("limit")?;
    Ok(vec![Pipe::Uniq(Uniq { by, hits: Some("hits".to_owned()), limit })])
}

pub(super) fn field_names(reader: &mut Reader<'_, '_>) -> Parsed {
    reader.end("nothing more")?;
    Ok(vec![Pipe::FieldNames])
}

pub(super) fn facets(reader: &mut Reader<'_, '_>) -> Parsed {
    let mut facets = Facets::default();
    if reader.is_number() {
        facets.limit = reader.count("the number of values")?;
    }
    loop {
        if reader.lexer.take_keyword("max_values_per_field") {
            facets.values_max = reader.count("the number of values")?;
        } else if reader.lexer.take_keyword("max_value_len") {
            facets.length_max = reader.count("the length")?;
        } else if reader.lexer.take_keyword("keep_const_fields") {
            facets.keeps_constant = true;
        } else {
            reader.end("max_values_per_field, max_value_len, keep_const_fields")?;
            return Ok(vec![Pipe::Facets(facets)]);
        }
    }
}

/// `histogram 5m by (level)`: how many rows there are in each step of time.
pub(super) fn histogram(reader: &mut Reader<'_, '_>) -> Parsed {
    let bucket = match reader.is_over() || reader.is_keyword(&["by"]) {
        true => Bucket { step: Step::Size(3600e9), offset: 0.0, written: "1h".to_owned() },
        false => bucket(reader)?,
    };
    let mut by = vec![By { field: "timestamp".to_owned(), bucket: Some(bucket) }];
    if reader.lexer.take_keyword("by") {
        by.extend(by_fields(reader)?);
    }
    reader.end("by")?;
    let call = Call::Count(Vec::new());
    let functions = vec![Function { call, condition: None, name: "hits".to_owned() }];
    Ok(vec![Pipe::Stats(Stats { by, functions })])
}

pub(super) fn pattern(reader: &mut Reader<'_, '_>) -> Parsed {
    reader.end("nothing more")?;
    Ok(vec![Pipe::Pattern])
}

/// `patterns 20 by (service)`: the most frequent forms of messages.
pub(super) fn patterns(reader: &mut Reader<'_, '_>) -> Parsed {
    let limit = if reader.is_number() { reader.count("the number of patterns")? } else { 10 };
    let mut by = Vec::new();
    if reader.lexer.take_keyword("by") {
        by = reader.fields_in_parentheses()?;
    }
    by.push("pattern".to_owned());
    reader.end("by")?;
    let top = Top { by, limit, hits: "hits".to_owned(), rank: None };
    Ok(vec![Pipe::Pattern, Pipe::Top(top)])
}
