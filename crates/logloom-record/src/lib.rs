//! Takes values from a call site, hands on records, their ring encoding and their JSON line; never does I/O, reads a clock or starts a thread.
