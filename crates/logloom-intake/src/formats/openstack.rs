//! The default format of OpenStack services (oslo.log): `time pid LEVEL module [request] message`.
//!
//! A file name before the time, as log collectors put it, is taken too; the request context stays
//! one text. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "openstack",
    certainty: 80,
    starts: Starts::Any,
    example: "2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server \
              [req-38101a0b-2096-447d-96ea-a692162415ae 113d3a99c3 54fadb412c - - -] 10.11.10.1 OK",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let mut file = "";
    if !line.starts_with(|character: char| character.is_ascii_digit()) {
        file = scan.word()?;
        scan.literal(" ")?;
    }
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let pid = scan.digits()?;
    scan.literal(" ")?;
    let level = scan.level()?;
    scan.literal(" ")?;
    let module = scan.logger()?;
    scan.literal(" ")?;
    let context = scan.between("[", "]")?;
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(module);
    Some(parsed.number("pid", pid).text("request", context).text("log_file", file))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            "nova-api.log.1 2017-05-16 00:00:00.008 25746 INFO nova.wsgi [req-3 - - -] 10.1.1.1 OK",
            "2017-05-16T00:00:00.008Z INFO nova.wsgi: 10.1.1.1 OK \
             {pid=25746 request='req-3 - - -' log_file='nova-api.log.1'}",
        );
        check(
            &FORMAT,
            "2017-05-16 00:00:04.500 2931 WARNING nova.compute.manager [-] While synchronizing",
            "2017-05-16T00:00:04.500Z WARN nova.compute.manager: While synchronizing {pid=2931}",
        );
        refuses(&FORMAT, "2017-05-16 00:00:04.500 2931 hello [-] x");
    }
}
