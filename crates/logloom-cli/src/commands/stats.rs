//! `logloom stats`: how many records of which level and service, from when to when.

use logloom_query::Summary;
use logloom_query::actions::Lang;
use logloom_record::Level;
use logloom_record::time::format_rfc3339;
use logloom_ring::clock;

use super::query::files;
use super::sources::{self, Shown};
use crate::args::{Format, StatsArguments};
use crate::exit::{Failure, Outcome, say};
use crate::output::{self, Clock, Stamp, bytes, counted, grouped, json_text};
use crate::terminal::{Paint, columns, padded, safe_line};
use crate::{place, selection};

/// Columns of the longest bar.
const BAR_COLUMNS: u64 = 30;

/// The heading of levels and services.
const NAME: &str = "NAME";

pub(crate) fn run(arguments: &StatsArguments) -> Result<Outcome, Failure> {
    if arguments.sources {
        let shown = match arguments.prometheus {
            true => Shown::Prometheus,
            false => Shown::As(arguments.show.format()),
        };
        return sources::run(&arguments.place, shown);
    }
    let query = selection::query(&arguments.select, clock::real_time())?;
    let directories = place::open_for_reading(&arguments.place)?;
    let files = files(&directories)?;
    let summary = query.summarise(&files);
    let text = match arguments.show.format() {
        Format::Json => format!("[\n{}\n]\n", json(&summary)),
        Format::Jsonl => json(&summary) + "\n",
        Format::Table => table(&summary),
        Format::Pretty => {
            readable(&summary, &Clock::new(arguments.show.utc, Stamp::Date), Paint::of_stdout())
        }
    };
    output::write_all(text.as_bytes())?;
    summary.stats.damage.sentences(&files, Lang::English).iter().for_each(say);
    summary.stats.problems.iter().for_each(say);
    match (summary.records, summary.stats.problems.is_empty()) {
        (_, false) => Err(Failure::System("the counts are not complete".to_owned())),
        (0, true) => Ok(Outcome::Nothing),
        _ => Ok(Outcome::Done),
    }
}

/// Services with most records first.
fn services(summary: &Summary) -> Vec<(&str, u64)> {
    let mut services: Vec<(&str, u64)> =
        summary.services.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    services.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    services
}

fn json(summary: &Summary) -> String {
    let levels = Level::ALL.iter().zip(summary.levels);
    let mut levels: Vec<String> =
        levels.map(|(level, count)| format!("\"{}\":{count}", level.as_str())).collect();
    if summary.other_levels > 0 {
        levels.push(format!("\"\":{}", summary.other_levels));
    }
    let services: Vec<String> = services(summary)
        .into_iter()
        .map(|(name, count)| format!("{}:{count}", json_text(name)))
        .collect();
    let time = |name: &str, time: Option<i64>| match time {
        Some(time) => format!(",\"{name}\":\"{}\"", format_rfc3339(time, 6)),
        None => String::new(),
    };
    format!(
        "{{\"records\":{},\"bytes\":{}{}{},\"levels\":{{{}}},\"services\":{{{}}},\"files\":{},\
         \"damaged\":{}}}",
        summary.records,
        summary.bytes,
        time("first", summary.first_ns),
        time("last", summary.last_ns),
        levels.join(","),
        services.join(","),
        summary.stats.files,
        summary.stats.malformed
    )
}

/// A row for each level and service, without bars, for programs that read columns.
fn table(summary: &Summary) -> String {
    let levels = Level::ALL.iter().map(|level| level.as_str()).zip(summary.levels);
    let other = Some(("", summary.other_levels));
    let levels = levels.chain(other).filter(|(_, count)| *count > 0);
    let levels = levels.map(|(name, count)| ("level", name, count));
    let services = services(summary).into_iter().map(|(name, count)| ("service", name, count));
    let rows: Vec<(&str, &str, u64)> = levels.chain(services).collect();
    let width = rows.iter().map(|(_, name, _)| columns(&safe_line(name))).max();
    let width = width.unwrap_or(0).max(NAME.len());
    let mut text = format!("KIND     {NAME:<width$}  RECORDS\n");
    for (kind, name, count) in rows {
        let name = if name.is_empty() { "-".into() } else { safe_line(name) };
        text += &format!("{kind:<7}  {}  {count:>7}\n", padded(&name, width));
    }
    text
}

fn readable(summary: &Summary, clock: &Clock, paint: Paint) -> String {
    let (bold, off) = (paint.bold(), paint.off());
    let mut text = format!(
        "{bold}{}{off}, {} in {}\n",
        counted(summary.records, "record"),
        bytes(summary.bytes),
        counted(summary.stats.files, "file")
    );
    if let (Some(first), Some(last)) = (summary.first_ns, summary.last_ns) {
        text += &format!("{} to {}\n", clock.show(first), clock.show(last));
    }
    if summary.stats.malformed > 0 {
        text += &format!("{}\n", counted(summary.stats.malformed, "damaged line"));
    }
    if summary.records == 0 {
        return text;
    }
    let largest = summary.levels.iter().copied().max().unwrap_or(0);
    text.push('\n');
    for (level, count) in Level::ALL.iter().zip(summary.levels).filter(|(_, count)| *count > 0) {
        let colour = paint.level(level.as_str());
        text += &format!("{colour}{:<5}{off} {}\n", level.as_str(), bar(count, largest, paint));
    }
    if summary.other_levels > 0 {
        text += &format!("other {}\n", bar(summary.other_levels, largest, paint));
    }
    let services = services(summary);
    let largest = services.first().map_or(0, |(_, count)| *count);
    let width = services.iter().map(|(name, _)| columns(&safe_line(name))).max();
    let width = width.unwrap_or(0).clamp(5, 40);
    text.push('\n');
    for (name, count) in services {
        let name = if name.is_empty() { "(none)".into() } else { safe_line(name) };
        let (colour, bar) = (paint.service(), bar(count, largest, paint));
        text += &format!("{colour}{}{off} {bar}\n", padded(&name, width));
    }
    text
}

/// A count with a bar that compares it with the largest.
fn bar(count: u64, largest: u64, paint: Paint) -> String {
    let columns = u128::from(count) * u128::from(BAR_COLUMNS) / u128::from(largest.max(1));
    let bar = "\u{2588}".repeat((columns as usize).max(usize::from(count > 0)));
    format!("{:>12} {}{bar}{}", grouped(count), paint.dim(), paint.off())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_compare() {
        let paint = Paint::new(false);
        assert_eq!(bar(10, 10, paint).matches('\u{2588}').count(), 30);
        assert_eq!(bar(1, 1_000, paint).matches('\u{2588}').count(), 1);
        assert_eq!(bar(0, 0, paint).matches('\u{2588}').count(), 0);
    }
}
