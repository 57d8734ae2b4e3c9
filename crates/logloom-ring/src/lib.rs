//! Takes encoded records from callers, hands the same bytes to the writer or to recovery; never blocks without being asked.
