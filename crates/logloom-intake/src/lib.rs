//! Takes lines of any program, hands on records and source positions; never writes anything.
