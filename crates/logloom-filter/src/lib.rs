//! Takes a filter text and one record, says whether it matches; never does I/O.
