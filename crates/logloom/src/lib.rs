//! What applications depend on: macros, init, the tracing layer and the log backend.
