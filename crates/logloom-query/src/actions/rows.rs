//! Rows by their places: read again in order, through a buffer for each file.
//!
//! Takes places that a pass has found, gives the lines. A file that changed or went away since is
//! told once, and its rows are left out.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::scan::Place;
use crate::run::Window;
use crate::{LogFile, Order, QueryProblem};

/// Reads these rows in their order and gives each line with its place, until `give` breaks.
pub(crate) fn read(
    files: &[LogFile],
    places: &[Place],
    give: &mut dyn FnMut(&Place, &[u8]) -> ControlFlow<()>,
) -> Vec<QueryProblem> {
    let mut windows: BTreeMap<usize, Window> = BTreeMap::new();
    let mut problems = Vec::new();
    for place in places {
        let file = &files[place.key.file];
        let new = || Window::new(Order::OldestFirst);
        let window = windows.entry(place.key.file).or_insert_with(new);
        match window.read(file, place.key.offset, place.length as usize) {
            Ok(line) => {
                if give(place, line).is_break() {
                    break;
                }
            }
            Err(error) => {
                if window.lose() {
                    problems.push(QueryProblem { path: file.path().to_owned(), error });
                }
            }
        }
    }
    problems
}
