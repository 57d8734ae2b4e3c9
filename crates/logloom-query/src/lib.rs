//! Takes a query and a store, hands on rows and statistics; never changes anything.
