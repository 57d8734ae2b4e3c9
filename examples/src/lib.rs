//! Numbered examples, each run by the tests.
