//! The language of what is told.
//!
//! Takes what `--lang` names and what the environment says, gives the language. A flag wins; an
//! environment that names none of the languages here leaves English.

use logloom_query::actions::Lang;

use crate::exit::Failure;

/// The language that is meant. Errors: a `--lang` of a language that there is not.
pub(crate) fn meant(flag: Option<&str>) -> Result<Lang, Failure> {
    match flag {
        Some(name) => Lang::parse(name).ok_or_else(|| Failure::Usage(Lang::unknown(name))),
        None => Ok(of_environment(|name| std::env::var(name).ok())),
    }
}

/// The first of these that says anything, as other programs look for their language.
fn of_environment(said: impl Fn(&str) -> Option<String>) -> Lang {
    let value = |name| said(name).filter(|value: &String| !value.is_empty());
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(value);
    named.and_then(|name| Lang::parse(&name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use logloom_query::actions::Lang;

    use super::of_environment;

    #[test]
    fn the_environment_names_a_language() {
        let check = |variables: &[(&str, &str)], expect: Lang| {
            let said = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(of_environment(said), expect, "{variables:?}");
        };
        check(&[], Lang::English);
        check(&[("LANG", "zh_CN.UTF-8")], Lang::Chinese);
        check(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], Lang::English);
        check(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], Lang::Chinese);
        check(&[("LANG", "C"), ("LC_MESSAGES", "zh_TW")], Lang::Chinese);
        check(&[("LANG", "fr_FR.UTF-8")], Lang::English);
    }
}
