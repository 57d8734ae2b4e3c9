//! Jumps: to the next record of a level, and to a moment.

use logloom_query::actions::Lang;
use logloom_query::parse_time_bound;
use logloom_record::Level;
use logloom_ring::clock::real_time;

use super::app::App;
use super::entry::{Entry, Place};
use super::paging::Purpose;
use super::reader::{Progress, Way};
use super::window::{End, Window};

impl App {
    /// Goes to the next record in a direction that is at least this severe.
    pub(super) fn jump_to_level(&mut self, way: Way, level: Level) {
        let is_severe = |(_, entry): &(usize, &Entry)| entry.is_at_least(level);
        let rows = self.window.iter().enumerate();
        let found = match way {
            Way::Newer => rows.skip(self.selected + 1).find(is_severe),
            Way::Older => rows.take(self.selected).rfind(is_severe),
        };
        if let Some((index, _)) = found {
            self.select(index);
            return self.centre();
        }
        let (end, is_all) = match way {
            Way::Older => (End::Oldest, self.window.has_oldest),
            Way::Newer => (End::Newest, self.window.has_newest),
        };
        match self.window.place(end) {
            Some(edge) if !is_all && self.plan.is_paged() => {
                self.is_following = false;
                self.ask_rows(Some(edge), way, Some(level), Purpose::Find(way));
            }
            _ => self.nothing_further(way),
        }
    }

    fn nothing_further(&mut self, way: Way) {
        let text = match way {
            Way::Newer => self.words("none after this one", "之后没有了"),
            Way::Older => self.words("none before this one", "之前没有了"),
        };
        self.tell(text.to_owned());
    }

    /// Takes the record that was looked for.
    pub(super) fn found(&mut self, way: Way, entry: Option<Entry>, progress: &Progress) {
        let Some(entry) = entry else {
            if let Progress::End(problem) = progress {
                self.paging.forget();
                match problem {
                    Some(problem) => self.complain(problem.clone()),
                    None => self.nothing_further(way),
                }
            }
            return;
        };
        self.paging.forget();
        self.is_following = false;
        self.window = Window::default();
        self.window.insert(entry);
        (self.selected, self.top) = (0, 0);
        self.prefetch();
    }

    /// Goes to the first record at or after a moment; what is wrong with the text.
    pub(super) fn jump_to_time(&mut self, text: &str) -> Result<(), String> {
        let moment = self.moment(text.trim())?;
        self.show_from(Place::before_time(moment));
        Ok(())
    }

    /// The moment that is meant; a time alone is one of the day of the chosen record.
    fn moment(&self, text: &str) -> Result<i64, String> {
        let chosen = self.window.get(self.selected).and_then(|entry| entry.time);
        let now = real_time();
        let is_time = text.len() >= 4 && text[..text.floor_char_boundary(3)].contains(':');
        let text = match is_time {
            true => {
                let day = self.clock.formatted(chosen.unwrap_or(now), "%Y-%m-%d");
                let missing = if text.find(':') == Some(1) { "0" } else { "" };
                format!("{day} {missing}{text}")
            }
            false => text.to_owned(),
        };
        parse_time_bound(&text, now, &self.look.zone).map_err(|_| {
            let given = text.escape_debug();
            match self.look.lang {
                Lang::English => format!(
                    "`{given}` is no time: 10:30 or 10:30:05 of the chosen day, 2h ago, yesterday, 2026-11-21 10:00"
                ),
                Lang::Chinese => format!(
                    "“{given}”不是时间：可用所选日期的 10:30、10:30:05，或 2h（之前）、yesterday、2026-11-21 10:00"
                ),
            }
        })
    }
}
