//! Lines around others: so many before and after, of the same source within the same file.
//!
//! Takes where matching rows stand, reads their files once more, gives the lines around them as
//! chunks, with a row whose message is `---` between two. A source is a service on a host: lines
//! that others write in between are no neighbours. Memory: where the matches are, and the lines
//! before of each source.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ops::ControlFlow;

use crate::pipes::{Field, Flow, Next, PipeError, Row, Value};
use crate::run::time_of;
use crate::scan::forward;
use crate::{Around, Key, LogFile, Order, QueryProblem};

/// Memory of the place of one match.
const PLACE_BYTES: usize = 48;

/// Where matching rows stand.
pub(crate) struct Matches {
    files: BTreeMap<usize, HashSet<u64>>,
    count: usize,
    memory: usize,
}

impl Matches {
    pub(crate) fn new(memory: usize) -> Self {
        Self { files: BTreeMap::new(), count: 0, memory }
    }

    /// Notes a row; false when there is no room for more.
    pub(crate) fn add(&mut self, key: Key) -> bool {
        self.count += 1;
        self.files.entry(key.file).or_default().insert(key.offset);
        self.count * PLACE_BYTES <= self.memory
    }

    pub(crate) fn check(&self) -> Result<(), PipeError> {
        if self.count * PLACE_BYTES <= self.memory {
            return Ok(());
        }
        let hint = "too many rows match; ask for a shorter time, or limit them";
        Err(PipeError::Memory { what: "context".to_owned(), limit: self.memory, hint })
    }
}

/// Gives the chunks of all files, and a row between two of them where that is wanted.
pub(crate) fn give(
    files: &[LogFile],
    matches: Matches,
    around: Around,
    (order, is_divided): (Order, bool),
    next: Next<'_>,
) -> Result<Vec<QueryProblem>, PipeError> {
    let mut indexes: Vec<(usize, HashSet<u64>)> = matches.files.into_iter().collect();
    if order == Order::NewestFirst {
        indexes.reverse();
    }
    let (mut problems, mut is_behind) = (Vec::new(), false);
    for (index, offsets) in indexes {
        let file = &files[index];
        match chunks(index, file, &offsets, around) {
            Ok(mut chunks) => {
                chunks.sort_by_key(|chunk| chunk.first().map(|line| line.key));
                if order == Order::NewestFirst {
                    chunks.reverse();
                }
                for chunk in chunks {
                    if give_chunk(chunk, is_behind, next)? == Flow::Enough {
                        return Ok(problems);
                    }
                    is_behind = is_divided;
                }
            }
            Err(error) => problems.push(QueryProblem { path: file.path().to_owned(), error }),
        }
    }
    Ok(problems)
}

fn give_chunk(chunk: Chunk, is_behind: bool, next: Next<'_>) -> Result<Flow, PipeError> {
    if is_behind {
        let between = Row::made(vec![Field::new("message", Value::text_of("---"))]);
        if next(between)? == Flow::Enough {
            return Ok(Flow::Enough);
        }
    }
    for line in chunk {
        if next(Row::of_line(&line.text, line.key))? == Flow::Enough {
            return Ok(Flow::Enough);
        }
    }
    Ok(Flow::Continue)
}

/// Lines of one source, one behind the other.
type Chunk = Vec<Line>;

struct Line {
    key: Key,
    text: Vec<u8>,
}

/// What is known of a source while its file is read.
#[derive(Default)]
struct Source {
    before: VecDeque<Line>,
    /// The chunk under way, and how many lines it may still take.
    chunk: Chunk,
    left: u64,
}

fn chunks(
    index: usize,
    file: &LogFile,
    offsets: &HashSet<u64>,
    around: Around,
) -> std::io::Result<Vec<Chunk>> {
    let mut sources: HashMap<Vec<u8>, Source> = HashMap::new();
    let mut done = Vec::new();
    let mut last = offsets.len();
    let reader = file.open()?;
    forward(reader.as_ref(), file.length(), &mut |offset, text| {
        let is_match = offsets.contains(&offset);
        last -= usize::from(is_match);
        let time = time_of(text).unwrap_or_else(|| file.day_start_ns());
        let key = Key { time, birth: file.birth(), file: index, offset };
        let line = Line { key, text: text.to_vec() };
        let source = sources.entry(source_of(text)).or_default();
        source.take(line, is_match, around, &mut done);
        // Behind the last match only the lines after it are of interest.
        let is_over = last == 0 && sources.values().all(|source| source.left == 0);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    done.extend(sources.into_values().map(|source| source.chunk).filter(|chunk| !chunk.is_empty()));
    Ok(done)
}

impl Source {
    fn take(&mut self, line: Line, is_match: bool, around: Around, done: &mut Vec<Chunk>) {
        if is_match {
            self.chunk.extend(self.before.drain(..));
            self.chunk.push(line);
            self.left = around.after;
        } else if self.left > 0 {
            self.left -= 1;
            self.chunk.push(line);
        } else {
            self.before.push_back(line);
            if self.before.len() as u64 > around.before {
                // A line was passed over: what follows is another chunk.
                self.before.pop_front();
                self.end_chunk(done);
            }
        }
    }

    fn end_chunk(&mut self, done: &mut Vec<Chunk>) {
        if !self.chunk.is_empty() {
            done.push(std::mem::take(&mut self.chunk));
        }
    }
}

/// What a line belongs to: its service and its host.
fn source_of(text: &[u8]) -> Vec<u8> {
    let view = logloom_filter::LineView::new(text);
    let mut source = Vec::new();
    for field in ["service", "host"] {
        source.extend_from_slice(view.get(field).map_or(&[][..], |value| value.raw()));
        source.push(0);
    }
    source
}
