//! Which tool a result, an error or a permission belongs to: that of the call with the same
//! `tool_use_id`.
//!
//! Takes rows that name no tool, gives names by id. A call stands close before what belongs to it,
//! so a little of the file before each row is looked at first, and everything only for what is
//! missing then.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use memchr::memmem;

use super::scan::{Place, Range, each_line};
use super::view::ActionView;
use crate::parallel::{self, Block};
use crate::{Order, scan};

/// Bytes before a row that are looked at first.
const NEAR_BYTES: u64 = 256 << 10;

/// With more rows than this everything is looked at once instead.
const NEAR_ROWS_MAX: usize = 500;

/// Names of tools by the ids of their uses.
#[derive(Debug, Default)]
pub(crate) struct ToolNames {
    names: HashMap<String, String>,
}

/// A row whose tool is asked for.
pub(crate) struct Use {
    pub(crate) place: Place,
    pub(crate) id: String,
}

impl ToolNames {
    /// Finds the calls of these uses.
    pub(crate) fn find(range: &Range<'_>, uses: &[Use]) -> Self {
        let mut found = Self::default();
        if uses.is_empty() {
            return found;
        }
        if uses.len() <= NEAR_ROWS_MAX {
            uses.iter().rev().for_each(|one| found.look_near(range, one));
        }
        let missing: HashSet<&str> = uses.iter().map(|one| one.id.as_str()).collect();
        let missing: HashSet<&str> =
            missing.into_iter().filter(|id| !found.names.contains_key(*id)).collect();
        if !missing.is_empty() {
            found.look_everywhere(&range.with_day_before(), &missing);
        }
        found
    }

    /// The name of the tool, empty where the call was not found.
    pub(crate) fn name(&self, id: &str) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn look_near(&mut self, range: &Range<'_>, one: &Use) {
        if self.names.contains_key(&one.id) {
            return;
        }
        let end = one.place.key.offset;
        let least = end.saturating_sub(NEAR_BYTES);
        // A file that cannot be read was told by the pass that found the row.
        let Ok(reader) = range.files[one.place.key.file].open() else { return };
        let _ = scan::backward(reader.as_ref(), end, &mut |offset, line| {
            if let Some((id, name)) = call(line) {
                self.names.entry(id).or_insert(name);
            }
            match offset <= least || self.names.contains_key(&one.id) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
    }

    fn look_everywhere(&mut self, range: &Range<'_>, missing: &HashSet<&str>) {
        let calls = memmem::Finder::new("tool_call");
        let look = |names: &mut HashMap<String, String>, block: &Block<'_>| {
            each_line(block, &mut |_, line| {
                if calls.find(line).is_none() {
                    return;
                }
                if let Some((id, name)) = call(line)
                    && missing.contains(id.as_str())
                {
                    names.insert(id, name);
                }
            });
            ControlFlow::Continue(())
        };
        let order = Order::OldestFirst;
        let (all, _) = parallel::run(range.files, &range.indexes(), order, HashMap::new, look);
        all.into_iter().for_each(|names| self.names.extend(names));
    }
}

/// Id and tool of a line that is a call.
fn call(line: &[u8]) -> Option<(String, String)> {
    let action = ActionView::of(line).filter(|action| action.action_type() == "tool_call")?;
    let id = action.text("tool_use_id");
    (!id.is_empty()).then(|| (id.into_owned(), action.text("tool_name").into_owned()))
}
