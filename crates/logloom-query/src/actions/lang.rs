//! The languages in which the action log is shown, and every text of it in each.
//!
//! Takes a language, gives fixed texts. Data of records is never translated.

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

    /// One of two texts.
    pub(crate) fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
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
}
