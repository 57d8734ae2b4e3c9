//! An error as our own lines have it: `{"type":...,"message":...,"frames":[...],"cause":{...}}`.
//!
//! Takes the raw value, gives the error with nothing left out; `None` for every other form, which may hold more
//! than an error has room for.

use logloom_record::{Exception, Frame};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    #[serde(default, rename = "type")]
    type_name: String,
    message: String,
    #[serde(default)]
    frames: Vec<Place>,
    cause: Option<Box<Link>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    #[serde(default)]
    function: String,
    #[serde(default)]
    module: String,
    #[serde(default)]
    file: String,
    #[serde(default)]
    line: u32,
}

/// The error that a value is, if it has our form.
pub(super) fn exception(raw: &str) -> Option<Exception> {
    serde_json::from_str(raw).ok().map(of_link)
}

fn of_link(link: Link) -> Exception {
    let Link { type_name, message, frames, cause } = link;
    let frames = frames.into_iter().map(|place| {
        let Place { function, module, file, line } = place;
        Frame { function, module, file, line }
    });
    let cause = cause.map(|cause| Box::new(of_link(*cause)));
    Exception { type_name, message, frames: frames.collect(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_ours_is_read_whole_and_no_other() {
        let raw = r#"{"type":"E","message":"bad","frames":[{"function":"f","file":"x.rs","line":3}],"cause":{"message":"d"}}"#;
        let frame =
            Frame { function: "f".into(), file: "x.rs".into(), line: 3, module: String::new() };
        let cause = Exception { message: "d".into(), ..Exception::default() };
        let expect = Exception {
            type_name: "E".into(),
            message: "bad".into(),
            frames: vec![frame],
            cause: Some(Box::new(cause)),
        };
        assert_eq!(exception(raw), Some(expect));
        for other in
            [r#""text""#, "{}", r#"{"message":"m","code":5}"#, r#"{"type":"E","message":1}"#]
        {
            assert_eq!(exception(other), None, "{other}");
        }
    }
}
