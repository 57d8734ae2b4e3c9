//! What is asked of the action log: the filters of `/log` as a plain struct, and the filter tree
//! that they mean.
//!
//! Takes filters as they were typed, gives a [`Filter`] and warnings about names that nobody
//! knows. Nothing is refused here: a type or status that is not of the document may be one of the
//! program's own.

use logloom_filter::Filter;

use super::kind::{Named, strange};
use super::lang::Lang;

/// The fields that `--content-match` looks into.
pub const CONTENT_FIELDS: [&str; 4] = ["message", "content", "output", "error_message"];

/// Which actions. All that is set must hold; of several values of one field one must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// The types; empty: all.
    pub action_types: Vec<String>,
    /// The session; default all.
    pub session_id: Option<String>,
    /// The statuses; empty: all.
    pub statuses: Vec<String>,
    /// The tool. Also finds results, errors and permissions, through the call with the same
    /// `tool_use_id`. Default all.
    pub tool_name: Option<String>,
    /// Some value of the action contains this text; upper and lower case differ.
    pub keyword: Option<String>,
    /// Message, content, output or error message contains this text.
    pub content_match: Option<String>,
}

impl ActionFilter {
    /// The condition that it means. Only actions satisfy it, other records of the log never do.
    #[must_use]
    pub fn condition(&self) -> Filter {
        let mut filter = Filter::FieldExists { path: "action_type".to_owned() };
        if !self.action_types.is_empty() {
            filter = one_of("action_type", &self.action_types);
        }
        if let Some(session) = &self.session_id {
            filter = filter.and(equals("session_id", session));
        }
        if !self.statuses.is_empty() {
            filter = filter.and(one_of("status", &self.statuses));
        }
        if let Some(tool) = &self.tool_name {
            filter = filter.and(of_tool(tool));
        }
        if let Some(text) = &self.keyword {
            filter = filter.and(Filter::Contains(text.clone()));
        }
        if let Some(text) = &self.content_match {
            let contains = |path: &&str| Filter::FieldContains {
                path: (*path).to_owned(),
                text: text.clone(),
            };
            filter = filter.and(Filter::Or(CONTENT_FIELDS.iter().map(contains).collect()));
        }
        filter
    }

    /// What is strange about it, a sentence each.
    #[must_use]
    pub fn warnings(&self, lang: Lang) -> Vec<String> {
        let types = self.action_types.iter().map(|name| (Named::Type, name));
        let statuses = self.statuses.iter().map(|name| (Named::Status, name));
        types.chain(statuses).filter_map(|(what, name)| strange(what, name, lang)).collect()
    }
}

/// Names in a list with commas; empty ones are left out.
#[must_use]
pub fn split_names(list: &str) -> Vec<String> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn equals(path: &str, value: &str) -> Filter {
    Filter::FieldEquals { path: path.to_owned(), value: value.to_owned() }
}

fn one_of(path: &str, values: &[String]) -> Filter {
    match values {
        [single] => equals(path, single),
        _ => Filter::FieldIn { path: path.to_owned(), values: values.to_vec() },
    }
}

fn of_tool(tool: &str) -> Filter {
    let calls = equals("action_type", "tool_call").and(equals("tool_name", tool));
    Filter::Or(vec![
        equals("tool_name", tool),
        Filter::FieldOf {
            path: "tool_use_id".to_owned(),
            of: Box::new(calls),
            field: "tool_use_id".to_owned(),
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_mean_conditions_of_the_query_language() {
        let check = |filter: ActionFilter, expect: &str| {
            assert_eq!(filter.condition().to_string(), expect);
        };
        let text = |text: &str| Some(text.to_owned());
        check(ActionFilter::default(), "action_type:*");
        check(
            ActionFilter {
                action_types: split_names("llm_request, llm_response,"),
                session_id: text("s-1"),
                statuses: split_names("error"),
                ..ActionFilter::default()
            },
            r#"action_type:in("llm_request","llm_response") session_id:="s-1" status:="error""#,
        );
        check(
            ActionFilter { tool_name: text("bash"), ..ActionFilter::default() },
            "action_type:* (tool_name:=\"bash\" or tool_use_id:in(action_type:=\"tool_call\" \
             tool_name:=\"bash\" | fields tool_use_id))",
        );
        check(
            ActionFilter { keyword: text("a.b"), content_match: text("x"), ..Default::default() },
            "action_type:* *:~\"a\\\\.b\" (message:~\"x\" or content:~\"x\" or output:~\"x\" or \
             error_message:~\"x\")",
        );
    }

    #[test]
    fn strange_names_are_told() {
        let filter = ActionFilter {
            action_types: split_names("tool_call,tool_eror"),
            statuses: split_names("ok"),
            ..ActionFilter::default()
        };
        let warnings = filter.warnings(Lang::English);
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("Did you mean tool_error?"), "{warnings:?}");
    }
}
