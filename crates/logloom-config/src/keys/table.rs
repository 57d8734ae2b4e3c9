//! The table of keys itself. Nothing comes in; out go the keys in the order in which files are
//! usually written, so that sections stand together.

use logloom_core::settings::{ConsoleSettings, Settings};
use logloom_record::Level;

use super::{Availability, Change, Key, Kind, Shape};

/// Every key, in the order in which files are usually written.
pub(crate) const KEYS: &[Key] = &[
    restart(
        "enabled",
        Kind::Switch(|s| &mut s.enabled),
        "true",
        "Whether anything is logged at all; `false` makes no file, no shared memory and no thread.",
    ),
    restart(
        "service",
        Kind::Text(|s| &mut s.service),
        "name of the executable",
        "Name of the program, written as `service` in every record.",
    ),
    restart(
        "store.dir",
        Kind::Directories(|s| &mut s.store.dir),
        "~/.local/share/logloom",
        "Directory of the log, or a list of which the first usable one is taken. `~/` and \
         `$XDG_DATA_HOME` (in the default) are honoured.",
    ),
    restart(
        "store.ring_dir",
        Kind::RingDirectory(|s| &mut s.store.ring_dir),
        "auto",
        "Directory of the shared memory that takes records first; `auto`: a memory file system.",
    ),
    restart(
        "store.durability",
        Kind::Durability(|s| &mut s.store.durability),
        "process",
        "What a record survives: the death of the process, or also of the machine.",
    ),
    restart(
        "store.max_file_size",
        Kind::Size(|s| &mut s.store.max_file_size),
        "1GiB",
        "Size from which a new part of the day's file is begun, 1MiB to 1TiB.",
    ),
    restart(
        "store.retention.days",
        Kind::OptionalDays(|s| &mut s.store.retention.days),
        "never",
        "Age in days from which finished files are deleted, 1 to 36500.",
    ),
    restart(
        "store.retention.max_total_size",
        Kind::OptionalSize(|s| &mut s.store.retention.max_total_size),
        "never",
        "Size of all files on the disk beyond which the oldest finished ones are deleted.",
    ),
    restart(
        "store.compress_after_days",
        Kind::OptionalDays(|s| &mut s.store.compress_after_days),
        "7",
        "Age in days from which finished files are compressed; 0: as soon as they are finished.",
    ),
    restart(
        "store.codec",
        Kind::Codec(|s| &mut s.store.codec),
        "gzip",
        "How finished files are compressed: `gzip` (`.jsonl.gz`) or `zstd` (`.jsonl.zst`).",
    ),
    restart(
        "store.index.build",
        Kind::Switch(|s| &mut s.store.index.is_wanted),
        "true",
        "Whether finished files get an index, by which searches pass over most of their lines.",
    ),
    restart(
        "store.index.max_per_mille",
        Kind::Count(|s| &mut s.store.index.max_per_mille),
        "39",
        "How large an index may be, in thousandths of the lines, 0 to 1000; 64 KiB always.",
    ),
    restart(
        "store.index.skip_fields",
        Kind::Names(|s| &mut s.store.index.skip_fields),
        "[]",
        "Paths of fields that are not indexed; a `*` at the end stands for any rest.",
    ),
    restart(
        "store.delete",
        Kind::DeleteRules(|s| &mut s.store.delete),
        "[]",
        "Further rules by which finished files are deleted: all conditions of a rule must hold. \
         See life-of-files.md.",
    ),
    restart(
        "store.housekeeping",
        Kind::Housekeeping(|s| &mut s.store.housekeeping),
        "always",
        "When a program sees to finished files: `always` (at its start and hourly), `hourly` or \
         `never`.",
    ),
    running(
        "levels.default",
        Kind::Level(|s| &mut s.levels.default),
        "INFO",
        "Lowest level that is recorded, for modules without a rule.",
    ),
    running(
        "levels.*",
        Kind::ModuleLevel,
        "levels.default",
        "Lowest level of the module of that name and of all beneath it (parts separated by `.` or \
         `::`); the longest name wins.",
    ),
    running(
        "overflow.default",
        Kind::Policy(|s| &mut s.overflow.default),
        "drop_oldest",
        "What happens to TRACE to WARN when the ring is full.",
    ),
    running("overflow.TRACE", Kind::LevelPolicy(Level::Trace), "overflow.default", "For TRACE."),
    running("overflow.DEBUG", Kind::LevelPolicy(Level::Debug), "overflow.default", "For DEBUG."),
    running("overflow.INFO", Kind::LevelPolicy(Level::Info), "overflow.default", "For INFO."),
    running("overflow.WARN", Kind::LevelPolicy(Level::Warn), "overflow.default", "For WARN."),
    running(
        "overflow.ERROR",
        Kind::LevelPolicy(Level::Error),
        "block_with_timeout",
        "For ERROR, which is never dropped: `block` or `block_with_timeout`.",
    ),
    running(
        "overflow.FATAL",
        Kind::LevelPolicy(Level::Fatal),
        "block_with_timeout",
        "For FATAL, which is never dropped: `block` or `block_with_timeout`.",
    ),
    running(
        "overflow.timeout",
        Kind::Time(|s| &mut s.overflow.timeout),
        "3s",
        "Longest wait of `block_with_timeout`, up to 1h.",
    ),
    running(
        "sample.enabled",
        Kind::Choice(|s| &mut s.sample.enabled),
        "auto",
        "Whether records are left out on purpose. `auto`: where a level has a share, or there is a rule. \
         `true` keeps one of ten of TRACE, DEBUG and INFO where nothing else is said. See sampling.md.",
    ),
    running(
        "sample.TRACE",
        Kind::LevelShare(Level::Trace),
        "1",
        "Share of the TRACE records that is kept, from 0 to 1.",
    ),
    running("sample.DEBUG", Kind::LevelShare(Level::Debug), "1", "The same for DEBUG."),
    running("sample.INFO", Kind::LevelShare(Level::Info), "1", "The same for INFO."),
    running(
        "sample.WARN",
        Kind::LevelShare(Level::Warn),
        "1",
        "The same for WARN, which is kept whole unless this says otherwise.",
    ),
    running("sample.ERROR", Kind::LevelShare(Level::Error), "1", "The same for ERROR."),
    running("sample.FATAL", Kind::LevelShare(Level::Fatal), "1", "The same for FATAL."),
    running(
        "sample.rules",
        Kind::SampleRules(|s| &mut s.sample.rules),
        "[]",
        "Rules for some records; the first that fits decides, before the shares of levels.",
    ),
    running(
        "sample.except",
        Kind::Names(|s| &mut s.sample.except),
        "[audit, security]",
        "Loggers that are kept whole unless a rule names them: those that have one of these as a part \
         of their name.",
    ),
    running(
        "sample.report_every",
        Kind::Time(|s| &mut s.sample.report_every),
        "1m",
        "How often the log tells what was left out, 1 s to 24 h.",
    ),
    running(
        "sample.seed",
        Kind::Count(|s| &mut s.sample.seed),
        "0",
        "What chance begins with. The services of one trace need the same.",
    ),
    later(
        "batch.batch_size",
        Kind::Count(|s| &mut s.batch.batch_size),
        "100",
        "Records that make the writer write at once, 1 to 1000000. A trigger, not a cap.",
    ),
    running(
        "batch.batch_timeout",
        Kind::Time(|s| &mut s.batch.batch_timeout),
        "1s",
        "Longest time a record waits for others, 1ms to 60s.",
    ),
    running(
        "batch.max_batch_bytes",
        Kind::SmallSize(|s| &mut s.batch.max_batch_bytes),
        "256KiB",
        "Bytes of lines from which a write takes no further line, 4KiB to 256KiB.",
    ),
    running(
        "mask.enabled",
        Kind::Switch(|s| &mut s.mask.enabled),
        "true",
        "Whether secrets are masked: fields with secret names (the built-in table and \
         `mask.fields`), and what the other keys of this section choose.",
    ),
    running(
        "mask.fields",
        Kind::Names(|s| &mut s.mask.fields),
        "[]",
        "Further names of secret fields, any case.",
    ),
    running(
        "mask.shapes",
        Kind::Names(|s| &mut s.mask.shapes),
        "[all]",
        "Groups or kinds of secrets that are looked for in texts, such as `jwt` or `github_token`; \
         `all` for all.",
    ),
    running(
        "mask.personal",
        Kind::Names(|s| &mut s.mask.personal),
        "[]",
        "Personal data that is looked for in texts: `email`, `phone`, `identity_card`, `card`, \
         `ip`, or `all`.",
    ),
    running(
        "mask.home_paths",
        Kind::Switch(|s| &mut s.mask.home_paths),
        "false",
        "Whether the user's name in paths of home directories becomes `[USER]`.",
    ),
    running(
        "mask.rules",
        Kind::MaskRules(|s| &mut s.mask.rules),
        "[]",
        "Shapes of one's own: a file of rules, or the rules themselves.",
    ),
    running(
        "mask.fingerprint",
        Kind::Secret(|s| &mut s.mask.fingerprint),
        "none",
        "A phrase of 16 to 256 bytes: each mark then ends in digits that are the same for the same \
         secret.",
    ),
    running(
        "truncate.max_chars",
        Kind::OptionalCount(|s| &mut s.truncate.max_chars),
        "never",
        "Characters that are kept of a longer text, 16 to 1048576; a mark tells how many were cut.",
    ),
    running(
        "truncate.fields",
        Kind::Names(|s| &mut s.truncate.fields),
        "[]",
        "Fields whose texts are cut, at any depth; none for all.",
    ),
    running(
        "truncate.keep_full",
        Kind::Switch(|s| &mut s.truncate.keep_full),
        "false",
        "Keep the full texts beside the log, masked: `logloom full` prints them.",
    ),
    running(
        "truncate.full_max_size",
        Kind::Size(|s| &mut s.truncate.full_max_size),
        "1GiB",
        "Room for all full texts together; the oldest are deleted beyond it. 16MiB to 1TiB.",
    ),
    restart(
        "ring.bytes_per_thread",
        Kind::Size(|s| &mut s.ring.bytes_per_thread),
        "512KiB",
        "Ring of one thread, 16KiB to 1GiB.",
    ),
    restart(
        "ring.error_bytes_per_thread",
        Kind::Size(|s| &mut s.ring.error_bytes_per_thread),
        "64KiB",
        "Second ring of a thread for ERROR and FATAL, 16KiB to 1GiB.",
    ),
    restart(
        "ring.total",
        Kind::Size(|s| &mut s.ring.total),
        "64MiB",
        "All rings of the process, 1MiB to 64GiB; threads beyond it share rings.",
    ),
    restart(
        "ring.max_record",
        Kind::Size(|s| &mut s.ring.max_record),
        "1MiB",
        "Longest record, 1KiB to 1MiB; a longer one is cut with a mark.",
    ),
    restart("include.file", Kind::Switch(|s| &mut s.include.file), "false", "Write `file`."),
    restart("include.line", Kind::Switch(|s| &mut s.include.line), "false", "Write `line`."),
    restart("include.thread", Kind::Switch(|s| &mut s.include.thread), "false", "Write `thread`."),
    restart("include.pid", Kind::Switch(|s| &mut s.include.pid), "false", "Write `pid`."),
    restart("include.host", Kind::Switch(|s| &mut s.include.host), "false", "Write `host`."),
    restart(
        "include.template",
        Kind::Switch(|s| &mut s.include.template),
        "true",
        "Write `template`, the message before its holes were filled.",
    ),
    restart(
        "time_digits",
        Kind::Digits(|s| &mut s.time_digits),
        "6",
        "Digits of a second's fraction in `timestamp`, 6 or 9.",
    ),
    restart(
        "flush_timeout",
        Kind::Time(|s| &mut s.flush_timeout),
        "2s",
        "How long the end of the program waits for the writer, up to 1h. What remains is \
         recovered by the next start.",
    ),
    running(
        "actions.off",
        Kind::Actions(|s| &mut s.actions.off),
        "[agent_thinking, hook_execute]",
        "Types of actions that are not recorded.",
    ),
    running(
        "actions.mask_thinking",
        Kind::Switch(|s| &mut s.actions.mask_thinking),
        "false",
        "Whether `thinking_content` of actions is masked.",
    ),
    running(
        "actions.waits",
        Kind::Switch(|s| &mut s.actions.waits),
        "false",
        "Whether the call of an action returns only when its line is in the file.",
    ),
    running(
        "console.enabled",
        Kind::Switch(|s| &mut console(s).enabled),
        "false",
        "Whether records are also shown on stderr. Giving another key of this section turns it \
         on.",
    ),
    running(
        "console.format",
        Kind::Format(|s| &mut console(s).format),
        "pretty",
        "How the console shows a record: `pretty` or `json`.",
    ),
    running(
        "console.level",
        Kind::Level(|s| &mut console(s).level),
        "TRACE",
        "Lowest level the console shows, of what `levels` records.",
    ),
    restart(
        "intake.patterns",
        Kind::Text(|s| &mut s.intake.patterns),
        "none",
        "File of formats of one's own for the lines of other programs (`run`, `follow`, `import`), or \
         `none`.",
    ),
    restart(
        "intake.zone",
        Kind::Text(|s| &mut s.intake.zone),
        "local",
        "Zone of times in such lines that name none: `Europe/Berlin`, `+01:00`, `UTC`, `local`.",
    ),
    later(
        "outputs",
        Kind::Shape(Shape::Outputs),
        "[]",
        "Further places the records go to, each with `name` and `type`.",
    ),
    later("plugins.dirs", Kind::Shape(Shape::Names), "[]", "Directories of plugins."),
    later("plugins.enabled", Kind::Shape(Shape::Names), "[]", "Names of the plugins to run."),
    later(
        "server.listen",
        Kind::Shape(Shape::Address),
        "127.0.0.1:7890",
        "Address and port of `logloom serve`.",
    ),
];

/// Console settings exist as soon as one of their keys is given.
fn console(settings: &mut Settings) -> &mut ConsoleSettings {
    settings.console.get_or_insert_default()
}

const fn running(
    path: &'static str,
    kind: Kind,
    default: &'static str,
    summary: &'static str,
) -> Key {
    let (change, availability) = (Change::Running, Availability::Now);
    Key { path, kind, default, summary, change, availability }
}

const fn restart(
    path: &'static str,
    kind: Kind,
    default: &'static str,
    summary: &'static str,
) -> Key {
    let (change, availability) = (Change::Restart, Availability::Now);
    Key { path, kind, default, summary, change, availability }
}

const fn later(
    path: &'static str,
    kind: Kind,
    default: &'static str,
    summary: &'static str,
) -> Key {
    let (change, availability) = (Change::Restart, Availability::Later);
    Key { path, kind, default, summary, change, availability }
}
