//! The arguments of `logloom run`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Colours, FormatArguments, PlaceArguments};

/// When a program that ended is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Restart {
    /// Never.
    #[default]
    No,
    /// When it ended with another status than 0, or by a signal.
    OnFailure,
    /// However it ended.
    Always,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What the program prints is passed through unchanged, each line once it is in the log. Each line \
becomes a record with the field `stream`; lines of JSON become records of their fields, and the \
lines of a trace one record. Nothing is dropped: when the log cannot be written, the program waits.

Start, end, signals and restarts are records of the module `logloom.run`; the end tells status, time \
and memory. Signals are handed on to the program. The exit status is that of the program, 128 and \
the number of the signal that ended it, 127 when there is no such program, 126 when it cannot be \
executed.

Examples:
  logloom run -- make test
  logloom run --service shop --dir ./logs -- node server.js
  logloom run --restart on-failure --restart-max 5 -- ./worker
  logloom run -- sh -c 'make 2>&1 | tee build.log'")]
pub(crate) struct RunArguments {
    /// Name of the service in each record; default: the name of the program.
    #[arg(long, short = 's', value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Start the program again when it has ended, after 100 ms, then twice as long each time up to
    /// 10 s. SIGINT, SIGTERM and SIGQUIT end that.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Restart::No)]
    pub(crate) restart: Restart,
    /// At most this many restarts in a row; a life of a minute begins a new row.
    #[arg(long, value_name = "COUNT", requires = "restart")]
    pub(crate) restart_max: Option<u32>,
    /// Always give the program pipes. It gets a pseudo-terminal for each stream that goes to a
    /// terminal otherwise, so that it prints as it would without us.
    #[arg(long)]
    pub(crate) no_pty: bool,
    /// Colours and other escape sequences in the records; the copy keeps them always.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Colours::Strip)]
    pub(crate) ansi: Colours,
    /// How long to wait for what the program started and left behind with its output open.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_duration)]
    pub(crate) linger: Duration,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<std::ffi::OsString>,
}

/// Reads `500ms`, `2s`, `1m`; a number alone means seconds.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let milliseconds = match &text[digits..] {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        _ => 0,
    };
    let count: Option<u64> = text[..digits].parse().ok();
    match count.and_then(|count| count.checked_mul(milliseconds)) {
        Some(total) if milliseconds > 0 && total <= 86_400_000 => Ok(Duration::from_millis(total)),
        _ => Err("give a time of at most a day, like 500ms, 2s or 1m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("3"), Ok(Duration::from_secs(3)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        for text in ["", "s", "2h", "-1s", "99999999999999999999s", "2000m"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
