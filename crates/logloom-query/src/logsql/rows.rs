//! Pipes over rows: which go on, with which fields, in which order.

use logloom_filter::syntax::SyntaxError;

use super::reader::Reader;
use super::statement::Around;
use crate::pipes::{Names, Pipe, Renaming, Sort, SortBy};

type Parsed = Result<Vec<Pipe>, SyntaxError>;

/// Rows that `limit` gives where no number stands.
const LIMIT: u64 = 10;

pub(super) fn fields(reader: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::Fields(reader.names()?)])
}

pub(super) fn delete(reader: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::Delete(reader.names()?)])
}

pub(super) fn drop_empty_fields(_: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::DropEmptyFields])
}

pub(super) fn filter(reader: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::Filter(reader.filter()?)])
}

pub(super) fn rename(reader: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::Rename(pairs(reader)?)])
}

pub(super) fn copy(reader: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::Copy(pairs(reader)?)])
}

fn pairs(reader: &mut Reader<'_, '_>) -> Result<Vec<Renaming>, SyntaxError> {
    let mut pairs = Vec::new();
    loop {
        let place = reader.lexer.place();
        let from = reader.names_item()?;
        reader.lexer.take_keyword("as");
        let to = reader.names_item()?;
        let is_prefix = |names: &Names| matches!(names, Names::Prefix(_));
        if is_prefix(&from) != is_prefix(&to) {
            let text = "a name with `*` is renamed to a name with `*`";
            return Err(SyntaxError::new(place.start..reader.lexer.place().start, text));
        }
        pairs.push(Renaming { from, to });
        if !reader.lexer.take_symbol(",") {
            return Ok(pairs);
        }
    }
}

pub(super) fn limit(reader: &mut Reader<'_, '_>) -> Parsed {
    let count = if reader.is_over() { LIMIT } else { reader.count("the limit")? };
    Ok(vec![Pipe::Limit(count)])
}

pub(super) fn offset(reader: &mut Reader<'_, '_>) -> Parsed {
    Ok(vec![Pipe::Offset(reader.count("the number of rows")?)])
}

pub(super) fn sort(reader: &mut Reader<'_, '_>) -> Parsed {
    let mut sort = Sort::default();
    sort_options(reader, &mut sort)?;
    finished(sort)
}

pub(super) fn first(reader: &mut Reader<'_, '_>) -> Parsed {
    let mut sort = Sort { limit: Some(some_of(reader)?), ..Sort::default() };
    sort_options(reader, &mut sort)?;
    finished(sort)
}

pub(super) fn last(reader: &mut Reader<'_, '_>) -> Parsed {
    let mut sort = Sort { limit: Some(some_of(reader)?), ..Sort::default() };
    sort_options(reader, &mut sort)?;
    if sort.by.is_empty() {
        sort.by = by_time();
    }
    sort.by.iter_mut().for_each(|by| by.is_descending = !by.is_descending);
    finished(sort)
}

/// The number behind `first` and `last`.
fn some_of(reader: &mut Reader<'_, '_>) -> Result<u64, SyntaxError> {
    if reader.is_number() { reader.count("the number of rows") } else { Ok(1) }
}

fn by_time() -> Vec<SortBy> {
    vec![SortBy { field: "timestamp".to_owned(), is_descending: false }]
}

fn finished(mut sort: Sort) -> Parsed {
    if sort.by.is_empty() {
        sort.by = by_time();
    }
    Ok(vec![Pipe::Sort(sort)])
}

/// What may stand behind `sort`, in any order.
fn sort_options(reader: &mut Reader<'_, '_>, sort: &mut Sort) -> Result<(), SyntaxError> {
    loop {
        if reader.lexer.take_keyword("by") || reader.lexer.peek().is_symbol("(") {
            sort.by = sort_fields(reader)?;
        } else if reader.lexer.take_keyword("desc") {
            if sort.by.is_empty() {
                sort.by = by_time();
            }
            sort.by.iter_mut().for_each(|by| by.is_descending = !by.is_descending);
        } else if reader.lexer.take_keyword("asc") {
        } else if reader.lexer.take_keyword("partition") {
            reader.lexer.take_keyword("by");
            sort.partition = reader.fields_in_parentheses()?;
        } else if reader.lexer.take_keyword("offset") {
            sort.offset = reader.count("the offset")?;
        } else if let Some(limit) = reader.limit()? {
            sort.limit = Some(limit);
        } else if reader.lexer.take_keyword("rank") {
            sort.rank = Some(reader.result_name()?.unwrap_or_else(|| "rank".to_owned()));
        } else {
            return reader.end("by, desc, partition, offset, limit, rank");
        }
    }
}

fn sort_fields(reader: &mut Reader<'_, '_>) -> Result<Vec<SortBy>, SyntaxError> {
    reader.lexer.expect_symbol("(")?;
    let mut fields = Vec::new();
    loop {
        let field = reader.name()?;
        let is_descending = reader.lexer.take_keyword("desc");
        if !is_descending {
            reader.lexer.take_keyword("asc");
        }
        fields.push(SortBy { field, is_descending });
        if !reader.lexer.take_symbol(",") {
            break;
        }
    }
    reader.lexer.expect_symbol(")")?;
    Ok(fields)
}

/// `before N after M`, or one number for both.
pub(super) fn around(reader: &mut Reader<'_, '_>) -> Result<Around, SyntaxError> {
    if reader.is_number() {
        let lines = reader.count("the number of lines")?;
        return Ok(Around { before: lines, after: lines });
    }
    let (mut around, place) = (Around::default(), reader.lexer.place());
    loop {
        if reader.lexer.take_keyword("before") {
            around.before = reader.count("the number of lines before")?;
        } else if reader.lexer.take_keyword("after") {
            around.after = reader.count("the number of lines after")?;
        } else {
            reader.end("before, after")?;
            return match around == Around::default() {
                false => Ok(around),
                true => Err(SyntaxError::new(place, "how many lines are wanted?")
                    .with_hint("write `context 3`, or `context before 2 after 5`")),
            };
        }
    }
}
