//! `logloom replay`: one session as it happened, each action at its time.

use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::time::Duration;

use logloom_query::actions::Lang;
use logloom_query::actions::timeline::{Telling, Timeline, entry_line};

use super::{line_style, log_files, session_id, told};
use crate::args::ReplayArguments;
use crate::exit::{Failure, Outcome};
use crate::output;

/// Slower than this nobody looks.
const SPEED_MIN: f64 = 0.001;

/// How the time between two actions passes.
#[derive(Clone, Copy, Debug)]
struct Pace {
    speed: f64,
    pause_max: Duration,
    is_stepped: bool,
}

pub(crate) fn run(arguments: &ReplayArguments) -> Result<Outcome, Failure> {
    let is_json = arguments.story.json;
    let style = line_style(&arguments.story)?;
    let pace = pace(arguments, style.lang)?;
    let files = log_files(&arguments.place)?;
    let Some(id) = session_id(&files, &arguments.session, style.lang)? else {
        return Ok(Outcome::Nothing);
    };
    let (mut before, mut failed) = (None, None);
    let story =
        Timeline::find(&files, &id, style.lang).tell(Telling::Apart, &mut |entry, session| {
            let passed = before.map_or(0, |before| entry.time_ns - before);
            pace.wait(passed);
            let text = match (is_json, before) {
                (true, None) => format!("[\n{}", entry.json()),
                (true, Some(_)) => format!(",\n{}", entry.json()),
                (false, _) => entry_line(entry, session.first_ns, &style),
            };
            before = Some(entry.time_ns);
            failed = output::write_all(text.as_bytes()).err();
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    if let Some(failure) = failed {
        return Err(failure);
    }
    if is_json {
        output::write_all(if before.is_some() { b"\n]\n" } else { b"[]\n" })?;
    }
    told(&story, style.lang)
}

fn pace(arguments: &ReplayArguments, lang: Lang) -> Result<Pace, Failure> {
    let speed = arguments.speed;
    if !(speed == 0.0 || (SPEED_MIN..=1e9).contains(&speed)) {
        return Err(Failure::Usage(match lang {
            Lang::English => {
                format!("--speed {speed}: give a factor from {SPEED_MIN}, or 0 for no waiting")
            }
            Lang::Chinese => format!("--speed {speed}：请写不小于 {SPEED_MIN} 的倍数，或 0 不等待"),
        }));
    }
    let given = &arguments.pause_max;
    let pause_max = duration(given).ok_or_else(|| {
        Failure::Usage(match lang {
            Lang::English => format!("--pause-max {given}: give a time such as 500ms, 3s or 1m"),
            Lang::Chinese => format!("--pause-max {given}：请写时长，例如 500ms、3s 或 1m"),
        })
    })?;
    Ok(Pace { speed, pause_max, is_stepped: arguments.step })
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(number)),
        "s" | "" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

impl Pace {
    /// Waits as long as it took, as fast as was asked for.
    fn wait(&self, passed_ns: i64) {
        if self.is_stepped {
            // Without anybody to press a key, the replay goes on.
            let _ = io::stdin().lock().read_line(&mut String::new());
            return;
        }
        std::thread::sleep(self.pause(passed_ns));
    }

    fn pause(&self, passed_ns: i64) -> Duration {
        if self.speed == 0.0 {
            return Duration::ZERO;
        }
        let scaled = passed_ns.max(0) as f64 / 1e9 / self.speed;
        Duration::try_from_secs_f64(scaled).map_or(self.pause_max, |time| time.min(self.pause_max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_scaled_and_bounded() {
        let pace = |speed| Pace { speed, pause_max: Duration::from_secs(3), is_stepped: false };
        assert_eq!(pace(1.0).pause(2_000_000_000), Duration::from_secs(2));
        assert_eq!(pace(10.0).pause(2_000_000_000), Duration::from_millis(200));
        assert_eq!(pace(0.001).pause(i64::MAX), Duration::from_secs(3));
        assert_eq!(pace(0.0).pause(i64::MAX), Duration::ZERO);
        assert_eq!(pace(1.0).pause(-5), Duration::ZERO);
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(duration("3"), Some(Duration::from_secs(3)));
        assert!(duration("3x").is_none() && duration("").is_none() && duration("ms").is_none());
    }
}
