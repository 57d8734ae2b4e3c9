//! The threads over a real log directory: pages without gaps, ends of questions, what comes live.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use jiff::tz::TimeZone;
use logloom_filter::syntax::Context;
use logloom_query::Statement;
use tempfile::TempDir;

use super::*;
use crate::commands::tui::entry::Entry;

/// Longer than anything takes here on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Test {
    reader: Reader,
    events: Receiver<Event>,
    tickets: u64,
    _folder: TempDir,
}

impl Test {
    /// Two days of rows: many at one time, some without any, one damaged.
    fn new() -> Test {
        let folder = tempfile::tempdir().unwrap();
        for day in ["2026-11-20", "2026-11-21"] {
            let mut text = String::new();
            for number in 0..3_000 {
                let second = number / 1_000;
                let level = if number == 1_234 { "ERROR" } else { "INFO" };
                text += &format!(
                    "{{\"timestamp\":\"{day}T10:00:0{second}Z\",\"level\":\"{level}\",\"message\":\"{day} {number}\"}}\n"
                );
                if number % 1_000 == 500 {
                    text += &format!("{{\"message\":\"{day} no time {number}\"}}\ndamaged\n");
                }
            }
            std::fs::write(folder.path().join(format!("{day}.jsonl")), text).unwrap();
        }
        let directory = crate::place::open_reader(folder.path()).unwrap();
        let (send, events) = sync_channel(64);
        let is_followed = Arc::new(AtomicBool::new(true));
        let reader =
            Reader::start(vec![directory], (TimeZone::UTC, Lang::English), is_followed, send)
                .unwrap();
        Test { reader, events, tickets: 0, _folder: folder }
    }

    fn open(&self, query: &str) -> Arc<Plan> {
        let statement = Statement::parse(query, &Context::default()).unwrap();
        let plan = Arc::new(Plan { generation: 1, statement, cancel: Cancel::default() });
        self.reader.ask(Ask::Open(plan.clone()));
        plan
    }

    fn ask(&mut self, from: Option<Place>, way: Way, count: usize) -> Cancel {
        self.tickets += 1;
        let cancel = Cancel::default();
        let ask =
            RowsAsk { ticket: self.tickets, cancel: cancel.clone(), from, way, level: None, count };
        self.reader.ask(Ask::Rows(ask));
        cancel
    }

    fn answer(&self) -> Answer {
        match self.events.recv_timeout(PATIENCE).unwrap() {
            Event::Answer(answer) => answer,
            _ => panic!("only answers come"),
        }
    }

    /// A page, and what came behind it.
    fn page(&self) -> (Vec<Entry>, Progress) {
        let mut all = Vec::new();
        loop {
            if let Answer::Rows { ticket, rows, progress } = self.answer()
                && ticket == self.tickets
            {
                all.extend(rows);
                if progress != Progress::Going {
                    return (all, progress);
                }
            }
        }
    }
}

#[test]
fn pages_have_no_gaps_and_no_doubles_in_either_direction() {
    let mut test = Test::new();
    let plan = test.open("");
    test.reader.ask(Ask::Histogram { plan, steps: 60 });
    // It tells that there are rows without a time.
    assert!(matches!(test.answer(), Answer::Histogram { .. }));
    test.ask(None, Way::Older, 700);
    let mut all = Vec::new();
    loop {
        let (rows, progress) = test.page();
        all.extend(rows);
        match progress {
            Progress::End(problem) => break assert_eq!(problem, None),
            _ if all.len() < 2_000 => test.reader.ask(Ask::More(700)),
            // Another question in between: the search begins anew behind the last row.
            _ => drop(test.ask(all.last().map(|entry: &Entry| entry.place), Way::Older, 700)),
        }
    }
    assert_eq!(all.len(), 2 * (3_000 + 6));
    assert!(all.is_sorted_by(|newer, older| newer.place > older.place));
    let oldest = all.last().unwrap().place;
    test.ask(Some(oldest), Way::Newer, 10_000);
    let (rows, progress) = test.page();
    assert_eq!(progress, Progress::End(None));
    let places: Vec<Place> = rows.iter().map(|entry| entry.place).collect();
    let before: Vec<Place> = all.iter().rev().skip(1).map(|entry| entry.place).collect();
    assert_eq!(places, before);
}

#[test]
fn pipes_that_look_at_one_row_are_paged_and_others_give_an_answer() {
    let mut test = Test::new();
    test.open("level:error | fields message");
    test.ask(None, Way::Older, 10);
    let (rows, progress) = test.page();
    assert_eq!((rows.len(), progress), (2, Progress::End(None)));
    assert_eq!(rows[0].line.as_deref(), Some(&br#"{"message":"2026-11-21 1234"}"#[..]));
    test.open("level:error or level:info | stats by (level) count() n | sort by (n)");
    test.reader.ask(Ask::Answer { ticket: 7, cancel: Cancel::default() });
    let Answer::Outcome { ticket: 7, rows, heading, problem: None } = test.answer() else {
        panic!("no answer")
    };
    assert_eq!((rows.len(), heading.as_deref()), (2, Some("level     n")));
}

#[test]
fn counts_are_those_of_the_query() {
    let test = Test::new();
    let plan = test.open("timestamp:*");
    test.reader.ask(Ask::Histogram { plan: plan.clone(), steps: 60 });
    let Answer::Histogram { histogram, .. } = test.answer() else { panic!("no histogram") };
    let all: u64 = histogram.steps.iter().map(|(_, counts)| counts.all).sum();
    assert_eq!((all, histogram.problem), (6_000, None));
    test.reader.ask(Ask::Facet { plan, field: "level".to_owned() });
    let Answer::Facet { values, .. } = test.answer() else { panic!("no facet") };
    assert_eq!(values, [("INFO".to_owned(), 5_998), ("ERROR".to_owned(), 2)]);
    test.reader.ask(Ask::Values { field: "level".to_owned() });
    let Answer::Values { values, .. } = test.answer() else { panic!("no values") };
    assert_eq!(values, ["INFO", "ERROR"]);
}

#[test]
fn a_question_that_was_ended_gives_way_to_the_next() {
    let mut test = Test::new();
    let plan = test.open("nothing_at_all");
    let cancel = test.ask(None, Way::Older, 10);
    cancel.cancel();
    plan.cancel.cancel();
    test.reader.ask(Ask::Histogram { plan, steps: 60 });
    test.open("level:error");
    test.ask(None, Way::Newer, 1);
    let (rows, progress) = test.page();
    assert_eq!((rows.len(), progress), (1, Progress::Page));
    let place = rows[0].place;
    test.reader.ask(Ask::Whole { ticket: 9, cancel: Cancel::default(), place });
    let Answer::Whole { ticket: 9, line: Some(line) } = test.answer() else { panic!("no line") };
    assert!(line.ends_with(b"2026-11-20 1234\"}"));
}
