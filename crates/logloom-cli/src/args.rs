//! The arguments of every command, as they are typed.
//!
//! One definition gives the parser, the help and the completions. Values are checked where they
//! are used, so that each message can say what was expected.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use logloom_record::Level;

/// Logs that survive: capture, search and watch them.
#[derive(Debug, Parser)]
#[command(name = "logloom", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  logloom run -- ./server --port 8080        run a program, keep what it prints
  logloom follow /var/log/*.log              take over files that others write
  logloom query --since 1h --level warn      what went wrong in the last hour
  logloom tail --service shop                watch it live

The log directory is that of --dir, else of the configuration (`logloom config show`).
Exit status: 0 done, 1 nothing found, 2 wrong usage or configuration, 3 the system refused.";

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a program and keep what it prints.
    Run(RunArguments),
    /// Take over files that other programs write, as they grow.
    Follow(FollowArguments),
    /// Take over files as they are, packed ones too, each line once.
    Import(ImportArguments),
    /// Find records.
    Query(QueryArguments),
    /// Watch records as they come.
    Tail(TailArguments),
    /// Count records by level and service.
    Stats(StatsArguments),
    /// Write what programs that died have left in memory.
    Recover(RecoverArguments),
    /// Show what becomes of foreign lines, and which formats are known.
    Intake(IntakeArguments),
    /// Check, show or describe the configuration.
    Config(ConfigArguments),
    /// Say whether logging works here, and what to do where it does not.
    Doctor(DoctorArguments),
    /// Print the completions of a shell.
    Completions(CompletionsArguments),
}

/// Where the log is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PlaceArguments {
    /// Log directory, in place of the configured one.
    #[arg(long, short = 'd', value_name = "DIR", help_heading = "Log directory")]
    pub(crate) dir: Option<PathBuf>,
    /// Configuration file, in place of those that are looked for.
    #[arg(long, value_name = "FILE", help_heading = "Log directory")]
    pub(crate) config: Option<PathBuf>,
}

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

/// What becomes of the escape sequences of a terminal in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colours {
    /// They are taken out.
    #[default]
    Strip,
    /// They stay in the text, and are spelt out wherever it is shown.
    Keep,
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

/// Which format foreign lines have.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FormatArguments {
    /// The format of the lines, in place of the one that is found: a name of `logloom intake
    /// formats`, json, plain, or a pattern of --patterns.
    #[arg(long, value_name = "NAME", help_heading = "Format of the lines")]
    pub(crate) input_format: Option<String>,
    /// Formats of one's own, a YAML file of expressions with named groups; they are asked first.
    #[arg(long, value_name = "FILE", help_heading = "Format of the lines")]
    pub(crate) patterns: Option<PathBuf>,
    /// Zone of times that name none: Europe/Berlin, +01:00, UTC; default: that of the system.
    #[arg(long, value_name = "ZONE", help_heading = "Format of the lines")]
    pub(crate) zone: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 something was recognised, 1 nothing was, 2 wrong arguments or patterns, 3 the file \
cannot be read.

Examples:
  logloom intake test /var/log/syslog
  logloom intake test app.log --patterns my.yaml --lines 50
  logloom intake formats")]
pub(crate) struct IntakeArguments {
    #[command(subcommand)]
    pub(crate) command: IntakeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IntakeCommand {
    /// Show the records that the lines of a file would become; nothing is kept.
    #[command(after_help = "\
Examples:
  logloom intake test /var/log/syslog
  zcat old.log.gz | logloom intake test --lines 50 -")]
    Test(IntakeTestArguments),
    /// List all formats, each with a line of it.
    #[command(after_help = "\
Examples:
  logloom intake formats
  logloom intake formats --json")]
    Formats(ReportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct IntakeTestArguments {
    /// The file, packed or not; `-` for the standard input.
    pub(crate) file: PathBuf,
    /// How many records to show; the summary is of the whole file.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20)]
    pub(crate) lines: u64,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
}

/// Where a file is begun that was not followed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// With everything that is in it.
    Start,
    /// With what is written from now on.
    End,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Files are followed through renames, truncation, deletion, copies and packing. How far each was read \
travels with its lines, so that after any end, kill -9 included, the next start goes on exactly \
there. Directories are searched for what looks like a log, and patterns again and again; packed and \
binary files are left out. Lines that belong together, as those of a traceback, become one record.

Ends with Ctrl+C or SIGTERM. Follow a file by one process only.

Examples:
  logloom follow '/var/log/**/*.log'
  logloom follow --service nginx --from end /var/log/nginx
  logloom follow --journal --unit nginx.service
  logloom follow /var/log/pods --dir ./logs")]
pub(crate) struct FollowArguments {
    /// Files, directories and patterns (*, **, ?, [a-z], {a,b}); those that are missing are
    /// followed once they appear.
    #[arg(required_unless_present = "journal", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Name of the service in each record; default: the name of the container, or of the file up
    /// to its first dot.
    #[arg(long, short = 's', value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Where to begin in files that were never followed before.
    #[arg(long, value_enum, default_value_t = From::Start)]
    pub(crate) from: From,
    /// Read gzip files as well, each once, from its start.
    #[arg(long)]
    pub(crate) history: bool,
    /// What becomes of symbolic links; those that are named as PATH are followed in any case.
    #[arg(long, value_enum, default_value_t = Symlinks::Follow)]
    pub(crate) symlinks: Symlinks,
    /// Colours and other escape sequences in the records.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Colours::Strip)]
    pub(crate) ansi: Colours,
    /// Look for changes at intervals, without notifications of the system.
    #[arg(long)]
    pub(crate) poll: bool,
    /// Take over the journal of systemd as well, by journalctl.
    #[arg(long, help_heading = "The journal")]
    pub(crate) journal: bool,
    /// Of the journal only this unit; several: one of them.
    #[arg(long, value_name = "UNIT", requires = "journal", help_heading = "The journal")]
    pub(crate) unit: Vec<String>,
    /// Say only what goes wrong.
    #[arg(long, short = 'q')]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
gzip, zstd, bzip2, xz and zip are told by their first bytes and unpacked within limits. Each record \
is filed under its own day, however old. How far each file was read travels with its lines, so that \
after any end, kill -9 included, the same command goes on exactly there. A file that was imported \
before, under whatever name and however packed, is noticed by its content.

Exit status: 0 done, 1 there was no file, 2 wrong usage or configuration, 3 a file could not be \
read to its end (each is named once), or the import was stopped.

Examples:
  logloom import --dry-run /var/log/*.log*
  logloom import --dir ./logs --service shop archive/
  zcat old.log.gz | logloom import --zone Europe/Berlin -")]
pub(crate) struct ImportArguments {
    /// Files, directories and archives; - is the standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Name of the service in each record; default: the name of the file up to its first dot.
    #[arg(long, short = 's', value_name = "NAME")]
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    /// Read everything and say what would be imported; write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Import what was imported before a second time.
    #[arg(long)]
    pub(crate) again: bool,
    /// Files that are read at the same time; default: half the processors.
    #[arg(long, short = 'j', value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: Option<u8>,
    /// Most unpacked bytes for each packed one, beyond which a file is taken for a bomb.
    #[arg(long, value_name = "COUNT", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    /// Say only what goes wrong.
    #[arg(long, short = 'q')]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Symlinks {
    /// Links to files are followed, wherever they lead.
    Follow,
    /// Links below directories and among the files of a pattern are left out.
    Skip,
}

/// Which records.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SelectArguments {
    /// From this moment on: 10m, 2h, 1d (ago), today, yesterday, 2026-11-21, "2026-11-21 10:00".
    #[arg(long, value_name = "TIME", help_heading = "Which records")]
    pub(crate) since: Option<String>,
    /// Before this moment.
    #[arg(long, value_name = "TIME", help_heading = "Which records")]
    pub(crate) until: Option<String>,
    /// This level and above: trace, debug, info, warn, error, fatal.
    #[arg(long, short = 'l', value_name = "LEVEL", value_parser = parse_level, help_heading = "Which records")]
    pub(crate) level: Option<Level>,
    /// Some value of the record contains this text; upper and lower case differ.
    #[arg(long, short = 'g', value_name = "TEXT", help_heading = "Which records")]
    pub(crate) grep: Vec<String>,
    /// The record is of this service; several: of one of them.
    #[arg(long, short = 's', value_name = "NAME", help_heading = "Which records")]
    pub(crate) service: Vec<String>,
    /// A field: key=value, key^=beginning or key~=part; dots lead into objects.
    #[arg(long, short = 'f', value_name = "KEY=VALUE", help_heading = "Which records")]
    pub(crate) field: Vec<String>,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For reading.
    #[default]
    Pretty,
    /// Columns.
    Table,
    /// One array.
    Json,
    /// An object a line.
    Jsonl,
}

/// How to print.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ShowArguments {
    /// How records are printed.
    #[arg(long, value_enum, default_value_t = Format::Pretty, help_heading = "How to print")]
    pub(crate) format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format", help_heading = "How to print")]
    pub(crate) json: bool,
    /// Times in UTC instead of local time.
    #[arg(long, help_heading = "How to print")]
    pub(crate) utc: bool,
}

impl ShowArguments {
    /// The format that was asked for in either way.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// How a report is printed, which is no record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For reading.
    #[default]
    Pretty,
    /// One array.
    Json,
    /// An object a line.
    Jsonl,
}

/// How to print a report.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArguments {
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = ReportFormat::Pretty, help_heading = "How to print")]
    format: ReportFormat,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format", help_heading = "How to print")]
    json: bool,
}

impl ReportArguments {
    /// The format that was asked for in either way.
    pub(crate) fn format(&self) -> ReportFormat {
        if self.json { ReportFormat::Json } else { self.format }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --limit, every record is given, oldest first. With it, the newest are kept, or the oldest \
with --oldest.

Exit status: 0 something was found, 1 nothing was, 2 wrong usage or configuration, 3 the log \
cannot be read.

Examples:
  logloom query --since 1h --level warn
  logloom query --service shop --field user.id=42 --grep timeout
  logloom query --since today --format jsonl | jq .message
  logloom query --limit 20 --newest-first")]
pub(crate) struct QueryArguments {
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    /// At most this many records.
    #[arg(long, short = 'n', value_name = "COUNT")]
    pub(crate) limit: Option<usize>,
    /// The limit keeps the oldest records instead of the newest.
    #[arg(long, requires = "limit")]
    pub(crate) oldest: bool,
    /// Print the newest record first.
    #[arg(long, visible_alias = "newest")]
    pub(crate) newest_first: bool,
    /// Print the query in the query language, and run nothing.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Ends with Ctrl+C, or when whoever reads the output is gone. A slow terminal delays nobody else.

Examples:
  logloom tail
  logloom tail --level warn --service shop -n 50
  logloom tail --rate
  logloom tail --format jsonl | jq .message")]
pub(crate) struct TailArguments {
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    /// Begin with this many of the newest records.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10)]
    pub(crate) lines: usize,
    /// Show how many records come, in a line at the bottom; without a terminal on the standard
    /// error, every five seconds while anything changes.
    #[arg(long)]
    pub(crate) rate: bool,
    /// Show rows whole; on a terminal they are cut at its width otherwise.
    #[arg(long)]
    pub(crate) wrap: bool,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 something was counted, 1 nothing was, 2 wrong usage or configuration, 3 the log \
cannot be read.

Examples:
  logloom stats
  logloom stats --since today --level warn
  logloom stats --format table --utc
  logloom stats --json")]
pub(crate) struct StatsArguments {
    /// Count what `logloom follow` has read right now, source by source, instead of records.
    #[arg(long, help_heading = "Sources")]
    pub(crate) sources: bool,
    /// The same as text for Prometheus.
    #[arg(long, requires = "sources", help_heading = "Sources")]
    pub(crate) prometheus: bool,
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
run, follow, import, query, tail and stats do this at their start, and every living program does \
it each second; this one says what was found. Exit status: 0 done or nothing to do, 3 something could not be recovered.

Examples:
  logloom recover
  logloom recover --dir ./logs --json")]
pub(crate) struct RecoverArguments {
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 the configuration can be used, 2 it cannot.

Examples:
  logloom config check logloom.yaml
  logloom config show
  logloom config schema > logloom.schema.json")]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// List everything that is wrong with a configuration, with line and column.
    #[command(after_help = "\
Exit status: 0 the configuration can be used, 2 it cannot.

Examples:
  logloom config check
  logloom config check ./logloom.yaml")]
    Check {
        /// The file; default: the one that a program started here would read, with the environment.
        file: Option<PathBuf>,
    },
    /// Print every setting with its value and where it comes from.
    #[command(after_help = "\
Settings that this version reads and does nothing with are marked.

Examples:
  logloom config show
  logloom config show --config ./logloom.yaml --json
  LOGLOOM__LEVELS=DEBUG logloom config show")]
    Show {
        #[command(flatten)]
        report: ReportArguments,
        #[command(flatten)]
        place: PlaceArguments,
    },
    /// Print the JSON Schema of the configuration file.
    #[command(after_help = "\
Examples:
  logloom config schema
  logloom config schema > logloom.schema.json")]
    Schema,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 all is well or only worth a warning, 1 something fails.

Examples:
  logloom doctor
  logloom doctor --verbose
  logloom doctor --dir /var/log/shop --json")]
pub(crate) struct DoctorArguments {
    /// Name each file of memory that programs left whose log directory is gone.
    #[arg(long, short = 'v')]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  logloom completions bash > ~/.local/share/bash-completion/completions/logloom
  logloom completions zsh > ~/.zfunc/_logloom
  logloom completions fish > ~/.config/fish/completions/logloom.fish")]
pub(crate) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

fn parse_level(text: &str) -> Result<Level, String> {
    Level::parse(text).map_err(|unknown| unknown.to_string())
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
    #![allow(clippy::unwrap_used)]
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("3"), Ok(Duration::from_secs(3)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        for text in ["", "s", "2h", "-1s", "99999999999999999999s", "2000m"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn each_command_explains_itself_with_examples() {
        fn check(command: &clap::Command) {
            let help = command.clone().render_help().to_string();
            assert!(help.contains("Examples:"), "{}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
