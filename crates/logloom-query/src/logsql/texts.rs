//! Pipes over texts: `extract`, `format`, `replace`, `unpack_json` and their like.

use logloom_filter::syntax::SyntaxError;
use regex::{Regex, RegexBuilder};

use super::reader::Reader;
use crate::pipes::{
    Extract, ExtractRegexp, Format, Overwrite, Packing, Pipe, Replace, Sought, Unpack,
};

type Parsed = Result<Vec<Pipe>, SyntaxError>;

/// Bytes that a compiled expression may take.
const REGEXP_BYTES_MAX: usize = 4 << 20;

pub(super) fn extract(reader: &mut Reader<'_, '_>) -> Parsed {
    let condition = reader.condition()?;
    let (pattern, at) = reader.text("a pattern such as \"ip=<ip> \"")?;
    let from = reader.field_behind("from")?;
    let overwrite = reader.overwrite();
    reader.end("from, keep_original_fields, skip_empty_results")?;
    let extract = Extract::new(from, pattern, overwrite);
    let extract = extract.map_err(|message| SyntaxError::new(at, message))?;
    Ok(vec![Pipe::Extract(extract, condition)])
}

pub(super) fn extract_regexp(reader: &mut Reader<'_, '_>) -> Parsed {
    let condition = reader.condition()?;
    let at = reader.lexer.place();
    let pattern = regexp(reader)?;
    if pattern.capture_names().flatten().next().is_none() {
        let error = SyntaxError::new(at, "the expression names no field");
        return Err(error.with_hint("write `(?P<name>...)` for one"));
    }
    let from = reader.field_behind("from")?;
    let overwrite = reader.overwrite();
    reader.end("from, keep_original_fields, skip_empty_results")?;
    Ok(vec![Pipe::ExtractRegexp(ExtractRegexp { from, pattern, overwrite }, condition)])
}

/// A regular expression, limited in size.
fn regexp(reader: &mut Reader<'_, '_>) -> Result<Regex, SyntaxError> {
    let (text, at) = reader.text("a regular expression")?;
    let built = RegexBuilder::new(&text)
        .size_limit(REGEXP_BYTES_MAX)
        .dfa_size_limit(REGEXP_BYTES_MAX)
        .build();
    built.map_err(|error| {
        let message = error.to_string();
        let last = message.lines().next_back().unwrap_or_default();
        let reason = last.trim_start_matches("error: ");
        SyntaxError::new(at, format!("this is no regular expression: {reason}"))
    })
}

pub(super) fn format(reader: &mut Reader<'_, '_>) -> Parsed {
    let condition = reader.condition()?;
    let (pattern, at) = reader.text("a pattern such as \"<method> <path>\"")?;
    let result = reader.field_behind("as")?;
    let overwrite = reader.overwrite();
    reader.end("as, keep_original_fields, skip_empty_results")?;
    let format = Format::new(pattern, result, overwrite);
    let format = format.map_err(|message| SyntaxError::new(at, message))?;
    Ok(vec![Pipe::Format(format, condition)])
}

pub(super) fn replace(reader: &mut Reader<'_, '_>) -> Parsed {
    let condition = reader.condition()?;
    reader.lexer.expect_symbol("(")?;
    let (old, _) = reader.text("the text that is replaced")?;
    replacement(reader, Sought::Text(old), condition)
}

pub(super) fn replace_regexp(reader: &mut Reader<'_, '_>) -> Parsed {
    let condition = reader.condition()?;
    reader.lexer.expect_symbol("(")?;
    let old = regexp(reader)?;
    replacement(reader, Sought::Regexp(old), condition)
}

fn replacement(
    reader: &mut Reader<'_, '_>,
    old: Sought,
    condition: Option<logloom_filter::Filter>,
) -> Parsed {
    reader.lexer.expect_symbol(",")?;
    let (new, _) = reader.text("the new text")?;
    reader.lexer.expect_symbol(")")?;
    let at = reader.field_behind("at")?;
    let limit = reader.limit()?;
    reader.end("at, limit")?;
    Ok(vec![Pipe::Replace(Replace { at, old, new, limit }, condition)])
}

pub(super) fn unpack_json(reader: &mut Reader<'_, '_>) -> Parsed {
    unpack(reader, Packing::Json)
}

pub(super) fn unpack_logfmt(reader: &mut Reader<'_, '_>) -> Parsed {
    unpack(reader, Packing::Logfmt)
}

fn unpack(reader: &mut Reader<'_, '_>, packing: Packing) -> Parsed {
    let condition = reader.condition()?;
    let from = reader.field_behind("from")?;
    let overwrite = Overwrite::default();
    let mut unpack = Unpack { packing, from, fields: Vec::new(), prefix: String::new(), overwrite };
    loop {
        if reader.lexer.take_keyword("fields") {
            unpack.fields = reader.names_in_parentheses(false)?;
        } else if reader.lexer.take_keyword("result_prefix") {
            unpack.prefix = reader.text("a beginning of names")?.0;
        } else if reader.is_keyword(&["keep_original_fields", "skip_empty_results"]) {
            unpack.overwrite = reader.overwrite();
        } else {
            reader.end("from, fields, result_prefix, keep_original_fields, skip_empty_results")?;
            return Ok(vec![Pipe::Unpack(unpack, condition)]);
        }
    }
}

pub(super) fn len(reader: &mut Reader<'_, '_>) -> Parsed {
    reader.lexer.expect_symbol("(")?;
    let field = reader.name()?;
    reader.lexer.expect_symbol(")")?;
    let result = reader.result_name()?.unwrap_or_else(|| format!("len({field})"));
    Ok(vec![Pipe::Len { field, result }])
}

pub(super) fn collapse_nums(reader: &mut Reader<'_, '_>) -> Parsed {
    let condition = reader.condition()?;
    let field = reader.field_behind("at")?;
    let is_pretty = reader.lexer.take_keyword("prettify");
    reader.end("at, prettify")?;
    Ok(vec![Pipe::CollapseNums { field, is_pretty, condition }])
}
