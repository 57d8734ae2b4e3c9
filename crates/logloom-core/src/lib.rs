//! Takes rings, appends their records to the store; never knows HTTP or the query engine.

pub mod settings;
