//! From the flags that choose records to a query.

use jiff::tz::TimeZone;
use logloom_filter::Filter;
use logloom_query::pipes::SortBy;
use logloom_query::{Query, parse_time_bound};

use crate::args::SelectArguments;
use crate::exit::Failure;

/// The query that the flags mean, seen from `now_ns`.
///
/// # Errors
/// A time or a field that cannot be read, or two times between which there is nothing.
pub(crate) fn query(select: &SelectArguments, now_ns: i64) -> Result<Query, Failure> {
    query_in(select, now_ns, &TimeZone::system())
}

/// The same, times without a zone being those of this one.
///
/// # Errors
/// As for [`query`].
pub(crate) fn query_in(
    select: &SelectArguments,
    now_ns: i64,
    zone: &TimeZone,
) -> Result<Query, Failure> {
    let bound = |flag: &str, text: &Option<String>| {
        let parsed = text.as_deref().map(|text| parse_time_bound(text, now_ns, zone));
        parsed.transpose().map_err(|error| Failure::Usage(format!("{flag}: {error}")))
    };
    let since = bound("--since", &select.since)?;
    let until = bound("--until", &select.until)?;
    if let (Some(_), Some(_)) = (since, until)
        && since >= until
    {
        let text = "--until: nothing is before this moment and from the one of --since on";
        return Err(Failure::Usage(text.to_owned()));
    }
    Ok(Query { filter: filter(select)?, since, until, ..Query::default() })
}

/// The order of the log.
pub(crate) fn by_time() -> Vec<SortBy> {
    vec![SortBy { field: "timestamp".to_owned(), is_descending: false }]
}

fn filter(select: &SelectArguments) -> Result<Filter, Failure> {
    let mut filter = Filter::Always;
    if let Some(level) = select.level {
        filter = filter.and(Filter::LevelAtLeast(level));
    }
    let mut services: Vec<Filter> = select.service.iter().cloned().map(Filter::Service).collect();
    filter = match services.len() {
        0 => filter,
        1 => filter.and(services.remove(0)),
        _ => filter.and(Filter::Or(services)),
    };
    for field in &select.field {
        let parsed = Filter::parse_field(field);
        filter = filter.and(parsed.map_err(|error| Failure::Usage(format!("--field: {error}")))?);
    }
    for text in &select.grep {
        filter = filter.and(Filter::Contains(text.clone()));
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::Level;

    use super::*;

    #[test]
    fn flags_are_joined() {
        let select = SelectArguments {
            level: Some(Level::Warn),
            service: vec!["a".into(), "b".into()],
            field: vec!["user.id=42".into()],
            grep: vec!["x".into()],
            ..SelectArguments::default()
        };
        let query = query(&select, 0).unwrap();
        assert_eq!(
            query.condition().to_string(),
            r#"level:>=WARN (service:="a" or service:="b") user.id:="42" *:~"x""#
        );
    }

    #[test]
    fn what_cannot_be_read_names_its_flag() {
        let select = SelectArguments { since: Some("soon".into()), ..SelectArguments::default() };
        let Err(Failure::Usage(text)) = query(&select, 0) else { panic!("accepted") };
        assert!(text.starts_with("--since: `soon`"), "{text}");
        let select = SelectArguments {
            since: Some("1h".into()),
            until: Some("2h".into()),
            ..SelectArguments::default()
        };
        let Err(Failure::Usage(text)) = query(&select, 10_000_000_000_000) else {
            panic!("accepted")
        };
        assert!(text.starts_with("--until: "), "{text}");
        let select = SelectArguments { field: vec!["x".into()], ..SelectArguments::default() };
        let Err(Failure::Usage(text)) = query(&select, 0) else { panic!("accepted") };
        assert!(text.starts_with("--field: "), "{text}");
    }
}
