//! Foreign sources: their numbers in the segment and how far each has been taken over.

use std::collections::HashMap;

use logloom_record::wire::dictionary::{Body, Entries, Source};
use logloom_ring::Segment;
use logloom_ring::front;
use logloom_store::SourcePosition;

/// Gives a source a number that records can carry. `None` when this process follows as many
/// sources as it can (about 16,000).
#[must_use]
pub fn add(source: &Source) -> Option<u32> {
    front::add_source(source.clone())
}

/// The positions that a segment holds, with what its dictionary says of the sources.
#[must_use]
pub fn of(segment: &Segment) -> Vec<SourcePosition> {
    let known: HashMap<u32, Source> = Entries::new(segment.dictionary(0))
        .map_while(Result::ok)
        .filter_map(|entry| match entry.body {
            Body::Source(source) => Some((entry.id, source)),
            _ => None,
        })
        .collect();
    let positions = segment.sources().into_iter();
    positions
        .filter_map(|(number, position)| {
            let source = known.get(&number)?;
            Some(SourcePosition {
                device: source.device,
                inode: source.inode,
                fingerprint: source.fingerprint,
                path: source.path.clone(),
                position,
            })
        })
        .collect()
}
