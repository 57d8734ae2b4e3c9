//! What a record holds, given its run, thread and number alone, so that a line can be judged
//! without having seen the call.
//!
//! Most records come through a call site, as macros make them; some are ERROR, some are larger than
//! a thread's ring takes, and where the order asks for it some belong to yesterday.

use logloom_core::emit;
use logloom_record::{Level, MessageKind, Record};
use logloom_ring::front::{Call, emit as call};
use logloom_ring::site::Site;
use serde_json::Value;

use super::dice::mix;

/// Which record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The process, numbered within its proof.
    pub(crate) run: u64,
    /// The thread, from 0.
    pub(crate) thread: u64,
    /// The record, from 1 on.
    pub(crate) number: u64,
}

/// What a line turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Read {
    /// A record as it was logged, and the day of its time, as `2026-11-22`.
    Record(Mark, String),
    /// A loss record with its count.
    Loss(u64),
    /// A loss record that cannot tell how many: nothing here may cause one.
    UnknownLoss,
    /// Not valid JSON, or not what was logged.
    Torn,
}

const FIELDS: &[&str] = &["run", "thread", "number", "pad"];

static INFO: Site =
    Site::new(Level::Info, "proof", file!(), line!(), "numbered", MessageKind::Literal, FIELDS);
static ERROR: Site =
    Site::new(Level::Error, "proof", file!(), line!(), "numbered", MessageKind::Literal, FIELDS);

const ALPHABET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\"\\\u{e4}";
const DAY_NS: i64 = 86_400_000_000_000;

impl Mark {
    fn hash(self) -> u64 {
        mix(self.run ^ mix(self.thread ^ mix(self.number)))
    }

    /// One in 4 of every fourth thread is ERROR; the others never are, so that they go on at full rate
    /// while an ERROR waits.
    pub(crate) fn level(self) -> Level {
        if self.thread.is_multiple_of(4) && self.hash().is_multiple_of(4) {
            Level::Error
        } else {
            Level::Info
        }
    }

    fn is_large(self) -> bool {
        self.number.is_multiple_of(211)
    }

    fn is_of_yesterday(self) -> bool {
        self.number.is_multiple_of(29)
    }

    /// Its longest field: no two records have the same.
    fn pad(self) -> String {
        let hash = self.hash();
        let length = if self.is_large() { 6_000 + hash % 20_000 } else { hash % 160 };
        let start = (hash >> 32) as usize % ALPHABET.chars().count();
        let text: String = ALPHABET.chars().cycle().skip(start).take(length as usize).collect();
        format!("{hash:016x}{text}")
    }

    /// Logs it. With `days`, one in 29 carries yesterday's time.
    pub(crate) fn log(self, days: bool) {
        let pad = self.pad();
        let is_old = days && self.is_of_yesterday();
        if self.is_large() || is_old {
            let mut record = Record::new(self.level(), "proof", "numbered")
                .with("run", self.run)
                .with("thread", self.thread)
                .with("number", self.number)
                .with("pad", pad);
            record.time_ns = is_old.then(|| logloom_ring::clock::real_time() - DAY_NS);
            return emit::record(&record);
        }
        let fields = (&self.run, (&self.thread, (&self.number, (&pad.as_str(), ()))));
        let with = Call { message: None, fields };
        match self.level() {
            Level::Error => call(&ERROR, ERROR.word(), Level::Error, &with),
            _ => call(&INFO, INFO.word(), Level::Info, &with),
        }
    }
}

/// Judges one line without its newline.
pub(crate) fn read(line: &[u8]) -> Read {
    let Ok(Value::Object(line)) = serde_json::from_slice(line) else { return Read::Torn };
    if line.get("event").is_some_and(|event| event == "logloom.loss") {
        return line.get("count").and_then(Value::as_u64).map_or(Read::UnknownLoss, Read::Loss);
    }
    let number = |name: &str| line.get(name).and_then(Value::as_u64);
    let (Some(run), Some(thread), Some(number)) =
        (number("run"), number("thread"), number("number"))
    else {
        return Read::Torn;
    };
    let mark = Mark { run, thread, number };
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_whole = text("pad") == mark.pad()
        && text("message") == "numbered"
        && text("level") == mark.level().as_str()
        && text("timestamp").ends_with('Z');
    let day = text("timestamp").get(..10);
    day.filter(|_| is_whole).map_or(Read::Torn, |day| Read::Record(mark, day.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mark: Mark, pad: &str) -> Vec<u8> {
        let value = serde_json::json!({
            "timestamp": "2026-11-21T00:00:00.000000Z", "level": mark.level().as_str(),
            "message": "numbered", "run": mark.run, "thread": mark.thread, "number": mark.number,
            "pad": pad,
        });
        value.to_string().into_bytes()
    }

    #[test]
    fn a_whole_line_is_told_from_a_mixed_one() {
        let mark = Mark { run: 3, thread: 1, number: 17 };
        let other = Mark { number: 18, ..mark };
        assert_eq!(read(&line(mark, &mark.pad())), Read::Record(mark, "2026-11-21".to_owned()));
        assert_eq!(read(&line(mark, &other.pad())), Read::Torn);
        let whole = line(mark, &mark.pad());
        assert_eq!(read(&whole[..whole.len() - 4]), Read::Torn);
    }

    #[test]
    fn a_loss_is_counted() {
        assert_eq!(read(br#"{"event":"logloom.loss","count":4}"#), Read::Loss(4));
        assert_eq!(read(br#"{"event":"logloom.loss"}"#), Read::UnknownLoss);
        assert_eq!(read(br#"{"event":"other","count":4}"#), Read::Torn);
    }
}
