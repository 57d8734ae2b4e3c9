//! Mask settings as lines of the stage configuration, by which the recovery of a dead process applies
//! the masks that it had.
//!
//! `masking on` or `masking off` comes first; a text without it says nothing, and the strictest masks
//! apply. Then a line each: `mask NAME`, `mask_shape NAME`, `mask_personal NAME`, `mask_home`,
//! `mask_fingerprint PHRASE`, `mask_rule NAME PREFIX KEEP ALPHABET LEAST MOST` divided by tabulators.

use super::MaskRule;
use crate::settings::MaskSettings;

/// The settings as lines.
pub(crate) fn lines(settings: &MaskSettings) -> String {
    let switch = if settings.enabled { "on" } else { "off" };
    let mut text = format!("masking {switch}\n");
    let mut add = |name: &str, value: &str| {
        let value = value.replace(['\n', '\r'], " ");
        text.push_str(&format!("{name} {value}\n"));
    };
    settings.fields.iter().for_each(|name| add("mask", name));
    settings.shapes.iter().for_each(|name| add("mask_shape", name));
    settings.personal.iter().for_each(|name| add("mask_personal", name));
    if settings.home_paths {
        add("mask_home", "");
    }
    if !settings.fingerprint.is_empty() {
        add("mask_fingerprint", &settings.fingerprint);
    }
    for rule in &settings.rules {
        let MaskRule { name, prefix, keep, alphabet, least, most } = rule;
        add("mask_rule", &format!("{name}\t{prefix}\t{keep}\t{alphabet}\t{least}\t{most}"));
    }
    text
}

/// The settings that the lines hold. Lines that make no sense are passed over.
pub(crate) fn read(text: &str) -> MaskSettings {
    if !text.lines().any(|line| matches!(line, "masking on" | "masking off")) {
        return MaskSettings { fields: fields(text), ..MaskSettings::strictest() };
    }
    let mut settings =
        MaskSettings { shapes: Vec::new(), fields: fields(text), ..MaskSettings::default() };
    for line in text.lines() {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "masking" => settings.enabled = value != "off",
            "mask_shape" => settings.shapes.push(value.to_owned()),
            "mask_personal" => settings.personal.push(value.to_owned()),
            "mask_home" => settings.home_paths = true,
            "mask_fingerprint" => value.clone_into(&mut settings.fingerprint),
            "mask_rule" => settings.rules.extend(rule(value)),
            _ => {}
        }
    }
    settings
}

fn fields(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("mask "));
    names.map(str::to_owned).collect()
}

fn rule(text: &str) -> Option<MaskRule> {
    let mut parts = text.split('\t');
    let rule = MaskRule {
        name: parts.next()?.to_owned(),
        prefix: parts.next()?.to_owned(),
        keep: parts.next()?.parse().ok()?,
        alphabet: parts.next()?.to_owned(),
        least: parts.next()?.parse().ok()?,
        most: parts.next()?.parse().ok()?,
    };
    rule.problem().is_none().then_some(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were() {
        let rule = MaskRule {
            name: "acme token".to_owned(),
            prefix: "acme_".to_owned(),
            keep: 2,
            alphabet: "hex".to_owned(),
            least: 8,
            most: 16,
        };
        let all = MaskSettings {
            enabled: false,
            fields: vec!["internal token".to_owned()],
            shapes: vec!["jwt".to_owned(), "pem".to_owned()],
            personal: vec!["email".to_owned()],
            home_paths: true,
            rules: vec![rule],
            fingerprint: "a phrase with blanks".to_owned(),
        };
        for settings in [all, MaskSettings::default(), MaskSettings::strictest()] {
            assert_eq!(read(&lines(&settings)), settings);
        }
    }

    #[test]
    fn without_a_word_about_masks_the_strictest_apply() {
        assert_eq!(read(""), MaskSettings::strictest());
        let old = read("service shop\nmask badge\n");
        assert_eq!(
            old,
            MaskSettings { fields: vec!["badge".to_owned()], ..MaskSettings::strictest() }
        );
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        let text = "masking on\nmask_rule x\nmask_rule a\tb\t1\thex\t8\t16\nmask_colour red\n";
        assert_eq!(read(text), MaskSettings { shapes: Vec::new(), ..MaskSettings::default() });
    }
}
