//! What the comparison has found, for reading or as objects.

use super::pairing::{Entry, Half, Pairing};
use crate::args::CompareArguments;
use crate::exit::Failure;
use crate::output::{self, Clock, Stamp, counted, grouped, json_text};
use crate::terminal::{Paint, clipped, padded, safe_line, width};

/// Columns of the longest level.
const LEVEL_COLUMNS: usize = 5;

pub(super) fn print(arguments: &CompareArguments, pairing: &Pairing) -> Result<(), Failure> {
    let format = arguments.report.format();
    output::report(format, objects(pairing).into_iter(), || readable(arguments, pairing))
}

fn readable(arguments: &CompareArguments, pairing: &Pairing) -> String {
    let clock = Clock::new(arguments.utc, Stamp::Date);
    let paint = Paint::of_stdout();
    let names = |paths: &[std::path::PathBuf]| {
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
    };
    let mut text = side("old", &names(&arguments.old), &pairing.old, &clock, paint);
    text += &side("new", &names(&arguments.new), &pairing.new, &clock, paint);
    text += &format!("\n{} on both sides\n", counted(pairing.pairs, "record"));
    let page = Page { clock: &clock, paint };
    text += &page.alone("only in the old log", &pairing.old);
    text += &page.alone("only in the new log", &pairing.new);
    text += &page.levels(pairing);
    text + &verdict(pairing, paint)
}

fn side(name: &str, paths: &str, half: &Half, clock: &Clock, paint: Paint) -> String {
    let span = match (half.first_ns, half.last_ns) {
        (Some(first), Some(last)) => format!("  {} to {}", clock.show(first), clock.show(last)),
        _ => String::new(),
    };
    let (bold, off) = (paint.bold(), paint.off());
    let records = counted(half.records, "record");
    format!("{bold}{name}{off}  {}  {records}{span}\n", safe_line(paths))
}

/// How lists are shown.
struct Page<'a> {
    clock: &'a Clock,
    paint: Paint,
}

impl Page<'_> {
    fn head(&self, count: u64, title: &str) -> String {
        let (bold, off) = (self.paint.bold(), self.paint.off());
        format!("\n{bold}{} {title}{off}\n", grouped(count))
    }

    fn alone(&self, title: &str, half: &Half) -> String {
        if half.alone.count == 0 {
            return String::new();
        }
        let rows = half.alone.first.iter().map(|entry| self.row(entry, &self.level(&entry.level)));
        self.head(half.alone.count, title)
            + &rows.collect::<String>()
            + &more(half.alone.count, half.alone.first.len())
    }

    fn levels(&self, pairing: &Pairing) -> String {
        let found = &pairing.levels;
        if found.count == 0 {
            return String::new();
        }
        let rows = found.first.iter().map(|(old, new)| {
            let both = format!("{} > {}", self.level(&old.level), self.level(&new.level));
            self.row(new, &both)
        });
        self.head(found.count, "of another level (old > new)")
            + &rows.collect::<String>()
            + &more(found.count, found.first.len())
    }

    fn level(&self, name: &str) -> String {
        let shown = padded(&safe_line(name), LEVEL_COLUMNS);
        format!("{}{shown}{}", self.paint.level(name), self.paint.off())
    }

    fn row(&self, entry: &Entry, level: &str) -> String {
        let time = self.clock.show(entry.time_ns);
        let (dim, off) = (self.paint.dim(), self.paint.off());
        let row = format!("  {dim}{time}{off}  {level}  {}", safe_line(&entry.text));
        clipped(&row, width()) + "\n"
    }
}

fn more(count: u64, shown: usize) -> String {
    match count - shown as u64 {
        0 => String::new(),
        rest => format!("  and {} more (--limit {count} lists all)\n", grouped(rest)),
    }
}

fn verdict(pairing: &Pairing, paint: Paint) -> String {
    let (good, bad, off) = (paint.good(), paint.bad(), paint.off());
    if pairing.is_same() {
        return format!("\n{good}both hold the same{off}\n");
    }
    if pairing.pairs == 0 && pairing.old.records + pairing.new.records == 0 {
        return format!("\n{bad}neither side has a record{off}\n");
    }
    let shift = pairing.shift_s().map_or(String::new(), |seconds| {
        let later = if seconds > 0 { "later" } else { "earlier" };
        let distance = jiff::SignedDuration::from_secs(seconds.abs());
        format!(
            "the same texts stand {distance:#} {later} in the new log: is the zone of the old one \
             right (--zone), or --tolerance too small?\n"
        )
    });
    format!("\n{bad}they differ{off}\n{shift}")
}

fn objects(pairing: &Pairing) -> Vec<String> {
    let number = |moment: Option<i64>| moment.map_or(String::from("null"), json_time);
    let side = |half: &Half| {
        let (records, alone) = (half.records, half.alone.count);
        let (first, last) = (number(half.first_ns), number(half.last_ns));
        format!("{{\"records\":{records},\"alone\":{alone},\"first\":{first},\"last\":{last}}}")
    };
    let shift = pairing.shift_s().map_or(String::from("null"), |seconds| seconds.to_string());
    let sum = format!(
        "{{\"kind\":\"sum\",\"same\":{},\"pairs\":{},\"levels\":{},\"shift_s\":{shift},\"old\":{},\"new\":{}}}",
        pairing.is_same(),
        pairing.pairs,
        pairing.levels.count,
        side(&pairing.old),
        side(&pairing.new)
    );
    let alone = |kind: &'static str, half: &Half| -> Vec<String> {
        half.alone.first.iter().map(|entry| object(kind, entry, None)).collect()
    };
    let levels = pairing.levels.first.iter();
    let levels = levels.map(|(old, new)| object("level", new, Some(&old.level)));
    let mut all = vec![sum];
    all.extend(alone("old", &pairing.old));
    all.extend(alone("new", &pairing.new));
    all.extend(levels);
    all
}

fn json_time(time_ns: i64) -> String {
    format!("\"{}\"", logloom_record::time::format_rfc3339(time_ns, 6))
}

fn object(kind: &str, entry: &Entry, old_level: Option<&str>) -> String {
    let (time, level) = (json_time(entry.time_ns), json_text(&entry.level));
    let old = old_level.map_or(String::new(), |old| format!(",\"old_level\":{}", json_text(old)));
    let message = json_text(&entry.text);
    format!(
        "{{\"kind\":\"{kind}\",\"timestamp\":{time},\"level\":{level}{old},\"message\":{message}}}"
    )
}
