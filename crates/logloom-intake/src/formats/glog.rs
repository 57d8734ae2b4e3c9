//! glog and klog (Kubernetes): `Lmmdd hh:mm:ss.uuuuuu thread file:line] message`.
//!
//! The letter is the level; C++ glog may write the year too. The file is the module. The zone is
//! not written.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "glog",
    certainty: 95,
    starts: Starts::Capital,
    example: r#"I1025 00:15:15.525108       1 controller_utils.go:116] "Pod status updated" pod="kube-system/kubedns""#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let level = match line.as_bytes().first()? {
        b'D' => Level::Debug,
        b'I' => Level::Info,
        b'W' => Level::Warn,
        b'E' => Level::Error,
        b'F' => Level::Fatal,
        _ => return None,
    };
    let mut scan = Scan::new(&line[1..]);
    let time = scan.time("Ymd H:M:Sf").or_else(|| scan.time("md H:M:Sf"))?;
    scan.blanks()?;
    let thread = scan.digits()?;
    scan.literal(" ")?;
    let (file, number) = scan.until("]")?.rsplit_once(':')?;
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(file);
    Some(parsed.number("thread", thread).number("line", number))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            FORMAT.example,
            "2026-10-25T00:15:15.525Z INFO controller_utils.go: \"Pod status updated\" \
             pod=\"kube-system/kubedns\" {thread=1 line=116}",
        );
        check(
            &FORMAT,
            "F20201122 10:11:12.000001 4321 server.cc:7] Check failed: x",
            "2020-11-22T10:11:12.000Z FATAL server.cc: Check failed: x {thread=4321 line=7}",
        );
        refuses(&FORMAT, "I1325 00:15:15.525108 1 a.go:1] x");
        refuses(&FORMAT, "Information is here: x] y");
    }
}
