//! The languages in which the action log is shown, and every text of it in each.
//!
//! Takes a language, gives fixed texts. Data of records is never translated.

use crate::QueryProblem;

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    English,
    /// Chinese, in the words of the document that `/log` comes from.
    Chinese,
}

impl Lang {
    /// The language of a name such as `en`, `zh`, `zh-CN` or `zh_CN.UTF-8`; `None` when there is
    /// none here.
    #[must_use]
    pub fn parse(name: &str) -> Option<Lang> {
        let main = name.split(['-', '_', '.']).next().unwrap_or_default();
        match main.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Lang::English),
            "zh" => Some(Lang::Chinese),
            _ => None,
        }
    }

    /// The name that [`Lang::parse`] takes: `en`, `zh`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Lang::English => "en",
            Lang::Chinese => "zh",
        }
    }

    /// What is wrong with `--lang NAME`, in both languages, since it is not known which is read.
    #[must_use]
    pub fn unknown(name: &str) -> String {
        let name = name.escape_debug();
        format!("--lang {name}: there are en and zh (只有 en 和 zh)")
    }

    /// Milliseconds in a unit that people read: `45 ms`, `2.3 s`, `4 min 12 s`, `1 h 05 min`.
    #[must_use]
    pub fn duration(self, milliseconds: f64) -> String {
        let seconds = milliseconds / 1e3;
        let [ms, s, min, h, d] = match self {
            Lang::English => ["ms", "s", "min", "h", "d"],
            Lang::Chinese => ["毫秒", "秒", "分", "小时", "天"],
        };
        match milliseconds {
            0.0 => format!("0 {ms}"),
            ..0.9995 => format!("{milliseconds:.2} {ms}"),
            0.9995..999.5 => format!("{milliseconds:.0} {ms}"),
            999.5..59_950.0 => format!("{seconds:.1} {s}"),
            _ => {
                let whole = (seconds + 0.5) as u64;
                match whole {
                    ..3_600 => format!("{} {min} {:02} {s}", whole / 60, whole % 60),
                    3_600..86_400 => {
                        format!("{} {h} {:02} {min}", whole / 3_600, whole % 3_600 / 60)
                    }
                    _ => format!("{} {d} {:02} {h}", whole / 86_400, whole % 86_400 / 3_600),
                }
            }
        }
    }

    /// A file that could not be read.
    #[must_use]
    pub fn problem(self, problem: &QueryProblem) -> String {
        match self {
            Lang::English => problem.to_string(),
            Lang::Chinese => format!("无法读取 {}：{}", problem.path.display(), problem.error),
        }
    }

    /// One of two texts.
    #[must_use]
    pub fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Lang::English => english,
            Lang::Chinese => chinese,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_languages() {
        assert_eq!(Lang::parse("zh_CN.UTF-8"), Some(Lang::Chinese));
        assert_eq!(Lang::parse("EN"), Some(Lang::English));
        assert_eq!(Lang::parse("fr"), None);
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        let check = |lang: Lang, expect: [&str; 10]| {
            let times = [0.0, 0.5, 45.4, 999.6, 2_345.0, 59_949.0, 59_960.0, 252_000.0, 3.9e6, 9e7];
            assert_eq!(times.map(|time| lang.duration(time)), expect);
        };
        check(
            Lang::English,
            [
                "0 ms",
                "0.50 ms",
                "45 ms",
                "1.0 s",
                "2.3 s",
                "59.9 s",
                "1 min 00 s",
                "4 min 12 s",
                "1 h 05 min",
                "1 d 01 h",
            ],
        );
        check(
            Lang::Chinese,
            [
                "0 毫秒",
                "0.50 毫秒",
                "45 毫秒",
                "1.0 秒",
                "2.3 秒",
                "59.9 秒",
                "1 分 00 秒",
                "4 分 12 秒",
                "1 小时 05 分",
                "1 天 01 小时",
            ],
        );
    }
}
