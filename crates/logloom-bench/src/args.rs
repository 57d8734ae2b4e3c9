//! Takes the command line, hands on what is to be run; refuses what it does not know with status 2.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures Logloom beside other loggers, each run in a fresh process.
#[derive(Debug, Parser)]
#[command(name = "logloom-bench", version)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// What is to be run.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What a call costs its caller: single calls, means of 20, bursts after idle times.
    Hotpath(Options),
    /// 4 million records from the first call to the last byte in the file.
    Throughput(Options),
    /// What a call costs that is switched off.
    Disabled(Options),
    /// Processor share of a process that logs nothing, and once a second.
    Idle(Options),
    /// What an action of the action log costs its caller, and all the way into the file.
    Action(Options),
    /// Everything above, as a Markdown table with date and machine.
    All(Options),
    /// Kills a logging program at random moments and looks for what is missing, double or torn.
    Sigkill(crate::sigkill::Options),
    /// Kills processes at every marked step, plants mistakes, explores the model.
    Steps(crate::steps::Options),
    /// Eight processes on one directory; one is killed every 100 ms, some are stopped for a while.
    Crowd(crate::crowd::Options),
    /// Forks children under logging threads; tells how long a child's first record takes.
    Forks(crate::crowd::Options),
    /// A disk that stands still under full rate, for each overflow policy (needs to be root).
    Stall(crate::crowd::Options),
    /// How fast the output of other programs is taken over, beside rsyslog and syslog-ng.
    Intake(crate::intake::Options),
    /// Compressing, reading and deleting closed files.
    Life(crate::life::Options),
    /// Size and cost of the index of a closed file, and how fast it answers.
    Index(crate::index::Options),
    /// How fast the action log is searched and summed up, beside rg, grep and jq.
    Scan(crate::scan::Options),
    /// How fast secrets are searched for, and how many of those planted are found.
    Mask(crate::mask::Options),
    /// Thirty days of logs searched and counted, beside rg, grep, jq, DuckDB and lnav.
    Query(crate::query::Options),
    /// Questions in the query language and in SQL, compared with DuckDB.
    Conformance(crate::conformance::Options),
    /// Random questions to random logs, beside a plain reading of every line.
    Oracle(crate::oracle::Options),
    /// One process of a proof; started by the proofs.
    #[command(hide = true)]
    Party {
        /// What to do, as JSON.
        order: String,
    },
    /// One run of one logger; started by the others.
    #[command(hide = true)]
    Run(Words),
}

/// How a comparison is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
    /// Pairs of runs (ours, theirs, ours, theirs, ...), 1 to 1000 [default: 15 for hotpath with
    /// one thread and fields, 5 for the rest, 1 for idle].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) pairs: Option<u32>,
    /// Small sizes and one pair: shows that everything works, gives no figures to publish.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only these loggers, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub(crate) peers: Vec<String>,
    /// Only these numbers of calling threads, separated by commas [default: 1,2,4 for hotpath, 1
    /// for the rest].
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) threads: Vec<u16>,
    /// Where the logs are written while a run lasts [default: `bench` in the build folder].
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
}

/// Words that are read elsewhere.
#[derive(Args, Debug)]
pub(crate) struct Words {
    /// The order, as `bench-compare` takes it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<String>,
}

/// Reads the command line; prints help or the error and ends the process where that was asked.
pub(crate) fn parse() -> Command {
    Line::parse().command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        use clap::CommandFactory;
        Line::command().debug_assert();
    }

    #[test]
    fn lists_and_limits_are_read() {
        let line = "logloom-bench hotpath --json --pairs 3 --peers raw,ticklog --threads 1,4";
        let Command::Hotpath(options) = Line::parse_from(line.split(' ')).command else {
            panic!("another command");
        };
        assert!(options.json && !options.quick);
        assert_eq!(options.peers, ["raw", "ticklog"]);
        assert_eq!((options.pairs, options.threads), (Some(3), vec![1, 4]));
        assert!(Line::try_parse_from("logloom-bench idle --pairs 0".split(' ')).is_err());
    }

    #[test]
    fn an_order_is_passed_on_whole() {
        let line = "logloom-bench run logloom hotpath --dir d --quick";
        let Command::Run(words) = Line::parse_from(line.split(' ')).command else {
            panic!("another command");
        };
        assert_eq!(words.words.join(" "), "logloom hotpath --dir d --quick");
    }
}
