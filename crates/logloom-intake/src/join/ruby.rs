//! Traces of Ruby, as the interpreter and as Rails print them.
//!
//! Takes ``a.rb:3:in `name': message (Type)`` with `from` frames, `Type (message):` with frames
//! below a blank line, and the reversed form of a terminal; gives the error and its causes.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, exception, header, is_number, place};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "ruby", opens, is_frame, continues, has_blank_lines: true, parse };

const REVERSED: &str = "Traceback (most recent call last):";

fn opens(line: &str) -> bool {
    line.trim_end() == REVERSED || raised(line).is_some() || of_rails(line).is_some()
}

fn is_frame(line: &str) -> bool {
    line.starts_with("\tfrom ") && read_frame(line).is_some()
}

fn continues(_: &Before<'_>, line: &str) -> bool {
    raised(line).is_some() || read_frame(line).is_some()
}

/// The frame of a raise, the type and the message: ``a.rb:3:in `name': message (Type)``.
fn raised(line: &str) -> Option<(Frame, &str, &str)> {
    let (line, type_name) = line.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
    header(type_name, &[':'])?;
    let (at, message) = line.split_once("': ")?;
    Some((frame_of(at)?, type_name, message))
}

/// `Type (message):`.
fn of_rails(line: &str) -> Option<(&str, &str)> {
    let (name, message) = line.strip_suffix("):")?.split_once(" (")?;
    let is_name = header(name, &[':']).is_some() && name.starts_with(|c: char| c.is_uppercase());
    is_name.then_some((name, message))
}

fn parse(text: &str) -> Option<Exception> {
    let mut links: Vec<Exception> = Vec::new();
    let is_reversed = text.split('\n').next()?.trim_end() == REVERSED;
    let mut before = Vec::new();
    for line in text.split('\n') {
        if let Some((frame, type_name, message)) = raised(line) {
            before.push(frame);
            before.reverse();
            let frames = std::mem::take(&mut before);
            links.push(Exception { frames, ..exception((type_name, message)) });
        } else if let Some(named) = of_rails(line).filter(|_| links.is_empty() && !is_reversed) {
            links.push(exception(named));
        } else if let Some(frame) = read_frame(line) {
            match links.last_mut() {
                Some(link) => link.frames.push(frame),
                None if is_reversed => before.push(frame),
                None => links.push(Exception { frames: vec![frame], ..Exception::default() }),
            }
        }
    }
    chain(links)
}

/// ``from a.rb:3:in `name'``, ``2: from a.rb:3:in `name'`` or the place alone, indented or not.
fn read_frame(line: &str) -> Option<Frame> {
    let line = line.trim();
    let line = line.split_once("from ").map_or(line, |(number, rest)| {
        let is_lead = number.is_empty() || number.strip_suffix(": ").is_some_and(is_number);
        if is_lead { rest } else { line }
    });
    frame_of(line.strip_suffix('\'')?)
}

/// ``a.rb:3:in `Type#name`` without the closing quote.
fn frame_of(text: &str) -> Option<Frame> {
    let (at, function) = text.split_once(":in ")?;
    let function = function.strip_prefix(['`', '\''])?;
    let (file, line) = place(at);
    let (module, function) = function.rsplit_once(['#', '.']).unwrap_or(("", function));
    let is_place = line > 0 && !file.is_empty() && !file.contains([' ', '"']);
    is_place.then(|| Frame {
        function: function.to_owned(),
        module: module.to_owned(),
        file: file.to_owned(),
        line,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn of_the_interpreter() {
        check(
            concat!(
                "app.rb:12:in 'Cart#total': undefined method 'sum' for nil (NoMethodError)\n",
                "\tfrom app.rb:20:in 'Shop::Cart.run'\n",
                "\tfrom app.rb:31:in '<main>'\n",
                "app.rb:9:in 'Cart#items': gone (Shop::GoneError)\n",
                "\tfrom app.rb:12:in 'Cart#total'"
            ),
            &[
                "NoMethodError|undefined method 'sum' for nil|Cart.total@app.rb:12|Shop::Cart.run@app.rb:20|<main>@app.rb:31",
                "Shop::GoneError|gone|Cart.items@app.rb:9|Cart.total@app.rb:12",
            ],
        );
    }

    #[test]
    fn reversed_and_of_rails() {
        check(
            concat!(
                "Traceback (most recent call last):\n",
                "\t1: from a.rb:5:in `<main>'\n",
                "a.rb:2:in `run': divided by 0 (ZeroDivisionError)"
            ),
            &["ZeroDivisionError|divided by 0|run@a.rb:2|<main>@a.rb:5"],
        );
        check(
            "ActiveRecord::RecordNotFound (Couldn't find User with 'id'=7):\n\napp/models/user.rb:12:in `load'\napp/controllers/users.rb:4:in `show'",
            &[
                "ActiveRecord::RecordNotFound|Couldn't find User with 'id'=7|load@app/models/user.rb:12|show@app/controllers/users.rb:4",
            ],
        );
    }
}
