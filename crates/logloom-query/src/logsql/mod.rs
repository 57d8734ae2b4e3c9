//! Query texts as statements: a filter, and the pipes behind it.
//!
//! Takes text of any kind, gives a [`Statement`] or an error with its place; never panics and runs
//! nothing. The filter half, the tokens and the errors are those of `logloom-filter`; this reads
//! the pipes with the same lexer. `docs/query-language.md` is the description.

mod groups;
mod math;
mod reader;
mod rows;
mod statement;
mod texts;

pub use statement::{Around, Statement};

use logloom_filter::Filter;
use logloom_filter::syntax::{Context, Lexer, SyntaxError, TokenKind};

use crate::pipes::Pipe;
use reader::Reader;

/// What a pipe is read by: it stands behind its name.
type Parse = fn(&mut Reader<'_, '_>) -> Result<Vec<Pipe>, SyntaxError>;

/// Every pipe by its names.
const PIPES: &[(&str, Parse)] = &[
    ("collapse_nums", texts::collapse_nums),
    ("copy", rows::copy),
    ("cp", rows::copy),
    ("delete", rows::delete),
    ("del", rows::delete),
    ("rm", rows::delete),
    ("drop", rows::delete),
    ("drop_empty_fields", rows::drop_empty_fields),
    ("extract", texts::extract),
    ("extract_regexp", texts::extract_regexp),
    ("facets", groups::facets),
    ("field_names", groups::field_names),
    ("field_values", groups::field_values),
    ("fields", rows::fields),
    ("keep", rows::fields),
    ("filter", rows::filter),
    ("where", rows::filter),
    ("first", rows::first),
    ("last", rows::last),
    ("format", texts::format),
    ("histogram", groups::histogram),
    ("len", texts::len),
    ("limit", rows::limit),
    ("head", rows::limit),
    ("math", math::math),
    ("eval", math::math),
    ("mv", rows::rename),
    ("rename", rows::rename),
    ("offset", rows::offset),
    ("skip", rows::offset),
    ("pattern", groups::pattern),
    ("patterns", groups::patterns),
    ("replace", texts::replace),
    ("replace_regexp", texts::replace_regexp),
    ("sort", rows::sort),
    ("order", rows::sort),
    ("stats", groups::stats),
    ("top", groups::top),
    ("uniq", groups::uniq),
    ("unpack_json", texts::unpack_json),
    ("unpack_logfmt", texts::unpack_logfmt),
];

/// Pipes of LogsQL that are not part of the subset, with what does the same or similar.
const MISSING: &[(&str, &str)] = &[
    ("block_stats", "it describes VictoriaLogs' own storage"),
    ("blocks_count", "it describes VictoriaLogs' own storage"),
    ("decolorize", "lines are stored without colours; or use replace_regexp"),
    ("hash", "group by the field itself"),
    ("join", "run the two queries one after the other, or use `field:in(query | fields field)`"),
    ("json_array_len", "use `len`, or unpack the values where they are written"),
    ("pack_json", "use --format jsonl, or `format` with <q:field>"),
    ("pack_logfmt", "use `format` with key=<q:field>"),
    ("sample", "use `limit`"),
    ("tail", "use `last` with a field, or `sort by (_time desc) limit 10`"),
    ("union", "join the filters with `or`"),
    ("unpack_syslog", "`logloom follow` and `import` take syslog lines apart"),
    ("unpack_words", "search for words with a filter"),
    ("unroll", "use `stats count_uniq` or `uniq_values` on the field itself"),
];

/// Reads a whole query.
pub(super) fn parse(text: &str, context: &Context) -> Result<Statement, SyntaxError> {
    let mut lexer = Lexer::new(text)?;
    let mut reader = Reader { lexer: &mut lexer, context };
    let statement = statement(&mut reader)?;
    if reader.lexer.is_end() {
        return Ok(statement);
    }
    Err(reader.lexer.unexpected("`|` or the end of the query"))
}

/// Reads a filter and its pipes, up to what belongs to neither.
fn statement(reader: &mut Reader<'_, '_>) -> Result<Statement, SyntaxError> {
    let is_bare = reader.lexer.is_end() || reader.lexer.peek().is_symbol("|");
    let filter = if is_bare { Filter::Always } else { reader.filter()? };
    let mut statement = Statement { filter, around: None, pipes: Vec::new() };
    while reader.lexer.take_symbol("|") {
        pipe(reader, &mut statement)?;
    }
    Ok(statement)
}

fn pipe(reader: &mut Reader<'_, '_>, statement: &mut Statement) -> Result<(), SyntaxError> {
    let token = reader.lexer.peek().clone();
    let name = token.text.to_ascii_lowercase();
    if reader.is_over() {
        return Err(reader.lexer.unexpected("a pipe").with_hint("take the `|` away, or write one"));
    }
    let is_name = token.kind == TokenKind::Word && !is_filter_behind(reader);
    if is_name && matches!(name.as_str(), "context" | "stream_context") {
        let is_first = statement.pipes.is_empty() && statement.around.is_none();
        reader.lexer.take();
        if !is_first {
            let text = "lines around others are to be had right behind the filter only";
            return Err(SyntaxError::new(token.at, text).with_hint("move it to the front"));
        }
        statement.around = Some(rows::around(reader)?);
        return Ok(());
    }
    if let Some((_, parse)) = PIPES.iter().find(|(known, _)| is_name && *known == name) {
        reader.lexer.take();
        statement.pipes.extend(parse(reader)?);
        return Ok(());
    }
    if is_name && groups::is_function(&name) {
        statement.pipes.extend(groups::stats(reader)?);
        return Ok(());
    }
    if !is_name {
        let filter = reader.filter()?;
        statement.pipes.push(Pipe::Filter(filter));
        return Ok(());
    }
    Err(unknown(&token.text, token.at))
}

/// Whether a filter stands here rather than the name of a pipe: `level:error`, `i(word)`.
fn is_filter_behind(reader: &Reader<'_, '_>) -> bool {
    let next = reader.lexer.peek_at(1);
    let is_not = reader.lexer.peek().is_keyword("not");
    let is_call = !next.is_apart && next.is_symbol("(");
    let word = reader.lexer.peek().text.to_ascii_lowercase();
    is_not || next.is_symbol(":") || is_call && matches!(word.as_str(), "i" | "seq")
}

fn unknown(name: &str, at: std::ops::Range<usize>) -> SyntaxError {
    let lower = name.to_ascii_lowercase();
    if let Some((_, instead)) = MISSING.iter().find(|(missing, _)| *missing == lower) {
        let text = format!("the pipe `{name}` is not part of this subset");
        return SyntaxError::new(at, text).with_hint(*instead);
    }
    let known: Vec<&str> =
        PIPES.iter().map(|(name, _)| *name).chain(groups::FUNCTIONS.iter().copied()).collect();
    let error =
        SyntaxError::new(at, format!("there is no pipe `{name}`")).with_nearest(&lower, &known);
    if error.hint.is_some() {
        return error;
    }
    error.with_hint(format!("write `filter {name}` to search for the word among the rows so far"))
}

#[cfg(test)]
mod tests;
