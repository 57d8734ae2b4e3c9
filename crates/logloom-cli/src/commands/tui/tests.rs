//! Whole screens and what keys make of them, without threads: answers are given by hand.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use logloom_query::Statement;
use logloom_query::actions::Lang;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Effect, Focus, Look};
use super::draw;
use super::entry::{Entry, Place};
use super::reader::{Answer, Ask, Histogram, Progress, RowsAsk, Way};
use super::theme::Theme;
use super::window::ROWS_MAX;
use crate::commands::query::steps::Counts;
use crate::terminal::columns;

/// 2026-11-21 10:00:00 UTC.
const TEN: i64 = 1_795_255_200_000_000_000;
const SECOND: i64 = 1_000_000_000;

/// A viewer with its first questions asked.
struct Test {
    app: App,
    asks: Vec<Ask>,
    ends: Vec<Effect>,
}

impl Test {
    fn new(lang: Lang, query: &str) -> Test {
        let look = Look {
            lang,
            zone: TimeZone::UTC,
            is_utc: true,
            theme: Theme::new(false),
            title: "./log".to_owned(),
            saved: Default::default(),
        };
        let mut app = App::new(look, Arc::new(AtomicBool::new(true)));
        let statement = Statement::parse(query, &app.context()).unwrap();
        app.open(query, statement);
        let mut test = Test { app, asks: Vec::new(), ends: Vec::new() };
        test.settle();
        test
    }

    fn settle(&mut self) {
        self.app.settle(Instant::now());
        for effect in std::mem::take(&mut self.app.effects) {
            match effect {
                Effect::Ask(ask) => self.asks.push(ask),
                other => self.ends.push(other),
            }
        }
    }

    fn answer(&mut self, answer: Answer) {
        self.app.answer(answer, Instant::now());
        self.settle();
    }

    fn key(&mut self, code: KeyCode) {
        self.app.key(KeyEvent::new(code, KeyModifiers::NONE), Instant::now());
        self.settle();
    }

    fn control(&mut self, key: char) {
        self.app.key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL), Instant::now());
        self.settle();
    }

    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.key(if key == '\r' { KeyCode::Enter } else { KeyCode::Char(key) });
        }
    }

    /// The last question for rows.
    fn rows_ask(&self) -> RowsAsk {
        let rows = |ask: &Ask| match ask {
            Ask::Rows(ask) => Some(ask.clone()),
            _ => None,
        };
        self.asks.iter().rev().find_map(rows).unwrap()
    }

    /// Answers the last question for rows.
    fn give(&mut self, rows: Vec<Entry>, progress: Progress) {
        let ticket = self.rows_ask().ticket;
        self.answer(Answer::Rows { ticket, rows, progress });
    }

    /// Gives these lines as all that there are.
    fn give_lines(&mut self, lines: &[&str]) {
        let rows = lines.iter().enumerate().map(|(number, line)| entry(number, line)).rev();
        self.give(rows.collect(), Progress::End(None));
    }

    fn live(&mut self, rows: Vec<Entry>, is_whole: bool) {
        let (generation, count) = (self.app.plan.generation, rows.len());
        self.answer(Answer::Live { generation, count, rows, is_whole });
    }

    /// What is seen, without the spaces at the ends of the rows.
    fn screen(&mut self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw::draw(&mut self.app, frame)).unwrap();
        self.settle();
        let buffer = terminal.backend().buffer();
        let row = |y: u16| {
            let (mut text, mut x) = (String::new(), 0);
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                text += symbol;
                x += columns(symbol).max(1) as u16;
            }
            text.trim_end().to_owned() + "\n"
        };
        (0..height).map(row).collect()
    }

    fn chosen(&self) -> String {
        self.app.window.get(self.app.selected).map(|entry| entry.message.to_string()).unwrap()
    }
}

/// A place by the number of its row, a second each.
fn place(number: usize) -> Place {
    let time = TEN + number as i64 * SECOND;
    Place { time, birth: 1, directory: 0, file: 1, offset: number as u64 }
}

fn entry(number: usize, line: &str) -> Entry {
    Entry::record(place(number), line.as_bytes())
}

fn numbered(number: usize) -> Entry {
    let level = if number % 100 == 7 { "ERROR" } else { "INFO" };
    let time = jiff::Timestamp::from_nanosecond(i128::from(place(number).time)).unwrap();
    let line = format!(r#"{{"timestamp":"{time}","level":"{level}","message":"row {number}"}}"#);
    entry(number, &line)
}

const LINES: &[&str] = &[
    r#"{"timestamp":"2026-11-21T10:00:00.250Z","level":"INFO","service":"shop","module":"pay","message":"signed in","user_id":42}"#,
    r#"{"timestamp":"2026-11-21T10:00:01Z","level":"WARN","service":"bank","message":"the answer took its time","took_ms":2100}"#,
    r#"{"timestamp":"2026-11-21T10:00:02Z","level":"ERROR","service":"shop","message":"payment failed\ntwice","order":{"id":7,"city":"上海"},"exception":{"type":"PaymentError","message":"not charged","frames":[{"function":"charge","file":"pay.py","line":118}],"cause":{"type":"TimeoutError","message":"no answer"}}}"#,
    r#"{"timestamp":"2026-11-21T10:00:03Z","level":"INFO","service":"订单","message":"订单已处理","k":"\u001b[2J\u202e"}"#,
];

fn histogram() -> Histogram {
    let counts = |all, warnings, errors| Counts { all, warnings, errors };
    let steps = vec![
        (TEN, counts(8, 0, 0)),
        (TEN + SECOND, counts(4, 2, 0)),
        (TEN + 2 * SECOND, counts(0, 0, 0)),
        (TEN + 3 * SECOND, counts(6, 0, 6)),
    ];
    Histogram { step: SECOND, steps, ..Histogram::default() }
}

fn shop(lang: Lang) -> Test {
    let mut test = Test::new(lang, "");
    test.give_lines(LINES);
    let generation = test.app.plan.generation;
    test.answer(Answer::Histogram { generation, histogram: histogram(), took_ms: 1 });
    test
}

#[test]
fn the_first_screen_shows_the_newest_records() {
    let mut test = shop(Lang::English);
    assert_eq!(test.screen(80, 24), include_str!("screens/first.txt"));
}

#[test]
fn the_detail_shows_all_fields_and_the_error_with_its_frames() {
    let mut test = shop(Lang::English);
    test.press("k\r");
    assert_eq!(test.chosen(), "payment failed");
    assert_eq!(test.screen(80, 30), include_str!("screens/detail.txt"));
    test.key(KeyCode::Tab);
    assert_eq!(test.app.focus, Focus::Detail);
    test.screen(80, 30);
    (0..6).for_each(|_| test.key(KeyCode::Down));
    test.press("+");
    assert_eq!(test.app.query, "order.id:=7");
}

#[test]
fn all_panes_stand_beside_each_other_on_a_wide_screen_in_chinese() {
    let mut test = shop(Lang::Chinese);
    test.press("k\rf");
    let generation = test.app.plan.generation;
    for field in ["level", "service", "module"] {
        let values =
            [("INFO", 12_345), ("ERROR", 6), ("", 1)].map(|(value, n)| (value.to_owned(), n));
        let values = values.into();
        test.answer(Answer::Facet { generation, field: field.to_owned(), values, problem: None });
    }
    assert_eq!(test.screen(200, 60), include_str!("screens/wide.txt"));
    test.press("j-");
    assert_eq!(test.app.query, "-level:=ERROR");
}

#[test]
fn every_size_can_be_drawn_and_nothing_reaches_the_terminal_but_letters() {
    let mut test = shop(Lang::Chinese);
    test.press("\rf");
    for keys in ["", "?", "/\u{202e}level:", "t"] {
        test.press(keys);
        for (width, height) in [(1, 1), (2, 3), (10, 4), (20, 10), (40, 12), (80, 24), (300, 90)] {
            let text = test.screen(width, height);
            assert!(
                text.chars().all(|c| c == '\n' || !logloom_query::show::is_harmful(c)),
                "{text}"
            );
            assert!(text.lines().all(|line| columns(line) <= usize::from(width)), "{text}");
        }
        test.key(KeyCode::Esc);
        test.key(KeyCode::Esc);
    }
}

#[test]
fn the_view_follows_until_it_is_moved_and_again_at_the_end() {
    let mut test = shop(Lang::English);
    test.screen(80, 24);
    assert!(test.app.is_following && test.app.is_followed.load(Ordering::Relaxed));
    test.live(vec![numbered(50)], true);
    assert_eq!(test.chosen(), "row 50");
    test.press("k");
    test.live(vec![numbered(51), numbered(52)], true);
    assert_eq!((test.chosen().as_str(), test.app.unseen), ("订单已处理", 2));
    assert!(test.screen(80, 24).contains("2 new, G"));
    test.press("G");
    assert_eq!((test.chosen().as_str(), test.app.unseen), ("row 52", 0));
    test.live(vec![numbered(60), numbered(55)], true);
    assert_eq!(test.chosen(), "row 60", "late rows stand where they belong");
    test.live(vec![numbered(60)], true);
    assert_eq!(test.app.window.len(), LINES.len() + 5, "a row is there once");
    test.live(vec![numbered(900)], false);
    assert_eq!(test.app.window.len(), 1, "rows before it were left out");
    assert!(!test.app.window.has_oldest);
}

#[test]
fn pages_go_on_without_an_end_within_bounded_memory() {
    let mut test = Test::new(Lang::English, "");
    let ticket = test.rows_ask().ticket;
    let page = |from: usize| (from..from + 300).rev().map(numbered).collect::<Vec<_>>();
    test.screen(80, 24);
    test.answer(Answer::Rows { ticket, rows: page(99_700), progress: Progress::Page });
    let mut next = 99_400;
    while next > 90_000 {
        (0..20).for_each(|_| test.key(KeyCode::PageUp));
        test.screen(80, 24);
        assert!(test.app.paging.is_waiting(), "{next}");
        assert!(matches!(test.asks.last(), Some(Ask::More(_))), "the search goes on");
        let before = test.chosen();
        test.answer(Answer::Rows { ticket, rows: page(next), progress: Progress::Page });
        assert_eq!(test.chosen(), before, "the view stays");
        assert!(test.app.window.len() <= ROWS_MAX);
        next -= 300;
    }
    assert!(!test.app.window.has_newest && !test.app.is_followed.load(Ordering::Relaxed));
    (0..400).for_each(|_| test.key(KeyCode::PageDown));
    test.screen(80, 24);
    let ask = test.rows_ask();
    assert_eq!(
        (ask.way, ask.from),
        (Way::Newer, test.app.window.iter().last().map(|one| one.place))
    );
    assert!(test.app.is_followed.load(Ordering::Relaxed), "what comes meanwhile is kept");
    let first: usize = test.chosen()["row ".len()..].parse().unwrap();
    test.live(vec![numbered(100_000)], true);
    test.give((first + 1..100_000).map(numbered).collect(), Progress::End(None));
    assert!(test.app.window.has_newest);
    assert_eq!(
        test.app.window.iter().last().map(|one| one.message.to_string()).as_deref(),
        Some("row 100000")
    );
}

#[test]
fn an_answer_to_an_older_question_changes_nothing() {
    let mut test = Test::new(Lang::English, "");
    let old = test.rows_ask();
    test.press("/level:>=warn\r");
    assert!(old.cancel.is_cancelled());
    assert!(test.app.plan.generation == 2 && !test.app.plan.cancel.is_cancelled());
    test.answer(Answer::Rows {
        ticket: old.ticket,
        rows: vec![numbered(1)],
        progress: Progress::End(None),
    });
    test.answer(Answer::Live { generation: 1, count: 1, rows: vec![numbered(2)], is_whole: true });
    assert_eq!(test.app.window.len(), 0);
    test.give_lines(&LINES[1..3]);
    assert_eq!(test.app.window.len(), 2);
    test.press("u");
    assert_eq!(test.app.query, "");
}

#[test]
fn jumps_look_further_than_what_is_there() {
    let mut test = Test::new(Lang::English, "");
    test.give((1_000..1_300).rev().map(numbered).collect(), Progress::Page);
    test.screen(80, 24);
    test.press("E");
    assert_eq!(test.chosen(), "row 1207");
    test.press("EEe");
    assert_eq!(test.chosen(), "row 1107");
    test.press("EE");
    let ask = test.rows_ask();
    assert_eq!((ask.way, ask.from, ask.count), (Way::Older, Some(place(1_000)), 1));
    let ticket = ask.ticket;
    test.answer(Answer::Searched { ticket, percent: 40 });
    assert!(test.screen(80, 24).contains("searching 40 %"));
    test.give(vec![numbered(507)], Progress::Page);
    assert_eq!(test.chosen(), "row 507");
    assert_eq!(test.rows_ask().from, Some(place(507)), "the rows around it are read");
    test.key(KeyCode::Esc);
    test.press("t10:05\r");
    assert_eq!(test.rows_ask().from, Some(Place::before_time(TEN + 300 * SECOND)));
    test.give((300..600).map(numbered).collect(), Progress::Page);
    assert_eq!(test.chosen(), "row 300");
    test.press("tsoon\r");
    assert!(test.screen(80, 24).contains("is no time"));
    test.control('u');
    test.press("2h\r");
    assert!(test.app.prompt.is_none());
}

#[test]
fn a_filter_is_completed_and_its_errors_are_shown_in_place() {
    let mut test = shop(Lang::English);
    test.press("/serv");
    assert!(test.screen(80, 24).contains("service:"));
    test.key(KeyCode::Tab);
    assert!(matches!(test.asks.last(), Some(Ask::Values { field }) if field == "service"));
    let values = ["shop", "a b"].map(str::to_owned).into();
    test.answer(Answer::Values { field: "service".to_owned(), values });
    assert_eq!(test.screen(80, 24), include_str!("screens/complete.txt"));
    test.key(KeyCode::Down);
    test.key(KeyCode::Down);
    test.key(KeyCode::Enter);
    test.press(" level:>=wran(\r");
    assert_eq!(test.screen(80, 24), include_str!("screens/fault.txt"));
    test.key(KeyCode::End);
    test.control('u');
    test.press("service:shop | st");
    test.key(KeyCode::Tab);
    test.press(" count() n\r");
    assert_eq!(test.app.query, "service:shop | stats count() n");
    let Some(Ask::Answer { ticket, .. }) =
        test.asks.iter().rev().find(|ask| matches!(ask, Ask::Answer { .. }))
    else {
        panic!("{:?}", test.asks)
    };
    let (rows, heading) = super::table::entries(&[br#"{"n":17}"#.to_vec()], &TimeZone::UTC);
    test.answer(Answer::Outcome { ticket: *ticket, rows, heading, problem: None });
    let text = test.screen(80, 24);
    assert!(text.contains("\n  n\n 17\n") && text.contains("1 row"), "{text}");
}

#[test]
fn what_is_counted_is_counted_anew_when_records_come_but_not_at_once() {
    let mut test = shop(Lang::English);
    let asked =
        |test: &Test| test.asks.iter().filter(|ask| matches!(ask, Ask::Histogram { .. })).count();
    test.screen(80, 24);
    let before = asked(&test);
    test.live(vec![numbered(50)], true);
    assert_eq!(asked(&test), before);
    test.app.settle(Instant::now() + Duration::from_secs(5));
    test.settle();
    assert_eq!(asked(&test), before + 1);
}

#[test]
fn keys_that_end_it_end_it_whatever_is_open() {
    for before in ["", "/x", "?", "f"] {
        let mut test = shop(Lang::English);
        test.press(before);
        test.control('z');
        test.control('c');
        assert!(matches!(test.ends[..], [Effect::Suspend, Effect::Quit]), "{before}");
    }
}
