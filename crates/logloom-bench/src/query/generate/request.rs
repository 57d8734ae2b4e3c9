//! One request with its lines. In comes randomness, out go JSON lines in the order of fields that a log of
//! this kind has; nothing is escaped, because no text needs it.

use std::io::Write;

use super::FATAL_SERVICE;
use super::words::{FATAL, PATHS, RARE, SERVICES, Service, TEMPLATES, Template};
use crate::proof::dice::Dice;

const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const STATUS_OK: &[u16] = &[200, 200, 200, 200, 200, 200, 201, 204, 304, 302];
const STATUS_WARN: &[u16] = &[400, 404, 404, 401, 429];
const STATUS_ERROR: &[u16] = &[500, 502, 503, 504];

/// What the lines of one request share.
pub(super) struct Request {
    trace: u128,
    user: u64,
    order: u64,
    address: u32,
    host: u64,
    service: &'static Service,
    path: &'static str,
    version: u64,
    lines_left: u64,
    /// What all its lines say; unset for most.
    template: Option<&'static Template>,
}

impl Request {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let trace = (u128::from(dice.next()) << 64) | u128::from(dice.next());
        // A few users do most of what is done.
        let user = 10_000 + skewed(dice, 90_000);
        Self {
            trace,
            user,
            order: 7_000_000 + dice.below(900_000),
            address: dice.below(1 << 14) as u32,
            host: dice.below(40),
            service: &SERVICES[skewed(dice, SERVICES.len() as u64) as usize],
            path: one(dice, PATHS),
            version: dice.below(3),
            lines_left: 2 + dice.below(6),
            template: None,
        }
    }

    /// One that has a single line of level FATAL.
    pub(super) fn fatal(dice: &mut Dice) -> Self {
        let mut request = Self::new(dice);
        let service = SERVICES.iter().find(|service| service.name == FATAL_SERVICE);
        request.service = service.unwrap_or(request.service);
        request.template = Some(&FATAL);
        request
    }

    pub(super) fn is_done(&self) -> bool {
        self.lines_left == 0
    }
}

/// Writes the lines of one day.
pub(super) struct Writer {
    /// As it stands in every time.
    day: String,
    by_level: [Vec<&'static Template>; 6],
}

/// What one line says.
struct Said<'a> {
    request: &'a Request,
    template: &'static Template,
    millis: u64,
    bytes: u64,
}

impl Writer {
    pub(super) fn new(day: String) -> Self {
        let of = |level| TEMPLATES.iter().filter(|template| template.level == level).collect();
        Self { day, by_level: std::array::from_fn(of) }
    }

    /// Appends one line, which comes `micros` after the start of the day.
    pub(super) fn line(
        &self,
        request: &mut Request,
        micros: u64,
        dice: &mut Dice,
        text: &mut Vec<u8>,
    ) {
        request.lines_left = request.lines_left.saturating_sub(1);
        let template = request.template.unwrap_or_else(|| self.template(dice));
        let said = Said {
            request,
            template,
            millis: skewed(dice, 2_000),
            bytes: 100 + skewed(dice, 90_000),
        };
        // Writing to a vector cannot fail.
        let _ = self.head(&said, micros, dice, text);
        let _ = message(&said, dice, text);
        let _ = tail(&said, dice, text);
    }

    fn template(&self, dice: &mut Dice) -> &'static Template {
        let level = match dice.below(1_000) {
            0..=9 => 4,
            10..=49 => 3,
            50..=229 => 1,
            _ => 2,
        };
        if level == 3 && dice.chance(1, 8_000) {
            return &RARE;
        }
        let all = &self.by_level[level];
        all[skewed(dice, all.len() as u64) as usize]
    }

    fn head(
        &self,
        said: &Said<'_>,
        micros: u64,
        dice: &mut Dice,
        text: &mut Vec<u8>,
    ) -> std::io::Result<()> {
        let (service, us) = (said.request.service, micros % 1_000_000);
        let (second, minute, hour) =
            (micros / 1_000_000 % 60, micros / 60_000_000 % 60, micros / 3_600_000_000);
        write!(
            text,
            "{{\"timestamp\":\"{}T{hour:02}:{minute:02}:{second:02}.{us:06}Z\",\"level\":\"{}\",\
             \"service\":\"{}\",\"module\":\"{}\",\"message\":\"",
            self.day,
            LEVELS[said.template.level],
            service.name,
            one(dice, service.modules),
        )
    }
}

fn message(said: &Said<'_>, dice: &mut Dice, text: &mut Vec<u8>) -> std::io::Result<()> {
    let request = said.request;
    let mut parts = said.template.text.split('{');
    text.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        match name {
            "u" => write!(text, "{}", request.user)?,
            "o" => write!(text, "{}", request.order)?,
            "t" => write!(text, "{}", said.millis)?,
            "n" => write!(text, "{}", 1 + skewed(dice, 400))?,
            "b" => write!(text, "{}", said.bytes)?,
            "i" => address(request, text)?,
            "h" => write!(
                text,
                "{}-{:02}",
                SERVICES[dice.below(SERVICES.len() as u64) as usize].name,
                dice.below(40)
            )?,
            "s" => text.extend_from_slice(one(dice, request.service.things).as_bytes()),
            _ => text.extend_from_slice(request.path.as_bytes()),
        }
        text.extend_from_slice(rest.as_bytes());
    }
    Ok(())
}

fn tail(said: &Said<'_>, dice: &mut Dice, text: &mut Vec<u8>) -> std::io::Result<()> {
    let request = said.request;
    let status = match said.template.level {
        3 => one(dice, STATUS_WARN),
        4 | 5 => one(dice, STATUS_ERROR),
        _ => one(dice, STATUS_OK),
    };
    write!(
        text,
        "\",\"trace_id\":\"{:032x}\",\"path\":\"{}\",\"status\":{status},\
         \"duration_ms\":{}.{:02},\"bytes\":{},\"user_id\":{}",
        request.trace,
        request.path,
        said.millis,
        dice.below(100),
        said.bytes,
        request.user,
    )?;
    if said.template.level >= 3 {
        text.extend_from_slice(b",\"client\":\"");
        address(request, text)?;
        write!(text, "\",\"version\":\"4.{}.0\"", request.version)?;
    }
    writeln!(text, ",\"host\":\"node-{:02}\"}}", request.host)
}

fn address(request: &Request, text: &mut Vec<u8>) -> std::io::Result<()> {
    write!(text, "10.20.{}.{}", request.address >> 8, request.address & 0xff)
}

fn one<T: Copy>(dice: &mut Dice, of: &[T]) -> T {
    of[dice.below(of.len() as u64) as usize]
}

/// A number below `limit`; small ones come much more often.
fn skewed(dice: &mut Dice, limit: u64) -> u64 {
    let share = dice.below(1 << 20) as f64 / f64::from(1 << 20);
    (share * share * share * limit as f64) as u64
}
