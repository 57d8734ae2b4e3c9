//! The loggers whose JSON is known by name.
//!
//! Takes a line, says whose it is. The name serves reports and hints alone: how a line is read
//! follows from its members, not from this table.

use super::super::scan::{self, Member};
use super::find;

/// The JSON of one logger.
#[derive(Debug)]
pub(crate) struct JsonForm {
    /// Its name in settings and reports.
    pub(crate) name: &'static str,
    /// A line as the project documents it.
    pub(crate) example: &'static str,
    /// Members that have to be there.
    needs: &'static [&'static str],
    /// What else has to hold.
    holds: fn(&[Member<'_>]) -> bool,
}

const fn form(
    name: &'static str,
    needs: &'static [&'static str],
    example: &'static str,
) -> JsonForm {
    JsonForm { name, example, needs, holds: |_| true }
}

/// Every form, the more telling before those whose members it has too.
pub(crate) const FORMS: &[JsonForm] = &[
    form(
        "otlp",
        &["resourceLogs"],
        r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{"name":"cart"},"logRecords":[{"timeUnixNano":"1544712660300000000","severityNumber":9,"body":{"stringValue":"paid"}}]}]}]}"#,
    ),
    form(
        "docker",
        &["log", "stream", "time"],
        r#"{"log":"Log line is here\n","stream":"stdout","time":"2019-01-01T11:11:11.111111111Z"}"#,
    ),
    form(
        "gelf",
        &["version", "short_message"],
        r#"{"version":"1.1","host":"example.org","short_message":"A short message","timestamp":1385053862.3072,"level":1,"_user_id":9001}"#,
    ),
    form(
        "journald",
        &["__REALTIME_TIMESTAMP"],
        r#"{"__REALTIME_TIMESTAMP":"1795255200000000","PRIORITY":"6","SYSLOG_IDENTIFIER":"gdm","MESSAGE":"started"}"#,
    ),
    form(
        "loguru-json",
        &["text", "record"],
        r#"{"text":"...","record":{"level":{"icon":"i","name":"INFO","no":20},"message":"hello","name":"app","time":{"repr":"2026-11-21 10:00:00.000000+00:00","timestamp":1795255200.0}}}"#,
    ),
    form(
        "mongodb",
        &["t", "s", "c", "msg"],
        r#"{"t":{"$date":"2020-05-01T15:16:17.180+00:00"},"s":"I","c":"NETWORK","id":12345,"ctx":"listener","msg":"Listening on"}"#,
    ),
    form(
        "mysql-json",
        &["prio", "err_code", "msg"],
        r#"{"prio":3,"err_code":10051,"source_line":561,"source_file":"event_scheduler.cc","function":"run","msg":"Event Scheduler: scheduler thread started with id 5","time":"2020-08-06T14:25:03.109022Z","ts":1596723903109,"thread":5,"err_symbol":"ER_SCHEDULER_STARTED","SQL_state":"HY000","subsystem":"Server","label":"Note"}"#,
    ),
    form(
        "postgresql-json",
        &["error_severity", "message"],
        r#"{"timestamp":"2026-11-21 10:00:00.123 UTC","pid":7,"error_severity":"LOG","message":"database system is ready"}"#,
    ),
    form(
        "traefik",
        &["DownstreamStatus", "RequestMethod"],
        r#"{"DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/","RequestProtocol":"HTTP/1.1","level":"info","msg":"","time":"2026-11-21T10:00:00Z"}"#,
    ),
    form(
        "ecs",
        &["@timestamp", "ecs.version"],
        r#"{"@timestamp":"2026-11-21T10:00:00.000Z","log.level":"INFO","message":"hi","ecs.version":"1.2.0","log.logger":"App"}"#,
    ),
    JsonForm {
        name: "ecs",
        example: r#"{"@timestamp":"2026-11-21T10:00:00.000Z","log":{"level":"info","logger":"app"},"message":"hi","ecs":{"version":"1.6.0"}}"#,
        needs: &["@timestamp"],
        holds: |members| ["ecs", "log"].iter().any(|name| is_object(members, name)),
    },
    JsonForm {
        name: "tracing-json",
        example: r#"{"timestamp":"2022-02-15T18:47:10.821495Z","level":"INFO","fields":{"message":"shaving yaks","number_of_yaks":3},"target":"fmt_json"}"#,
        needs: &["level", "fields", "target"],
        holds: |members| is_object(members, "fields"),
    },
    form(
        "serilog-compact",
        &["@t"],
        r#"{"@t":"2016-06-07T03:44:57.8532799Z","@mt":"Hello, {User}","User":"nblumhardt"}"#,
    ),
    form(
        "dotnet-json",
        &["LogLevel", "Category", "Message"],
        r#"{"Timestamp":"2020-10-15T01:02:03Z","EventId":0,"LogLevel":"Information","Category":"App.Program","Message":"Hello"}"#,
    ),
    form(
        "bunyan",
        &["v", "name", "hostname", "pid", "level", "msg"],
        r#"{"name":"myapp","hostname":"banana.local","pid":40161,"level":30,"msg":"hi","time":"2013-01-04T18:46:23.851Z","v":0}"#,
    ),
    form(
        "pino",
        &["level", "time", "pid", "hostname"],
        r#"{"level":30,"time":1531171074631,"pid":657,"hostname":"Davids-MBP-3.fritz.box","msg":"hello world"}"#,
    ),
    form(
        "python-json-logger",
        &["levelname", "message"],
        r#"{"asctime":"2026-11-21 10:00:00,000","name":"app","levelname":"INFO","message":"hello"}"#,
    ),
    form(
        "structlog",
        &["event", "level"],
        r#"{"event":"hello, world","level":"info","timestamp":"2022-10-07T10:41:29.624829Z","user":7}"#,
    ),
    JsonForm {
        name: "caddy",
        example: r#"{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"method":"GET","uri":"/"},"status":200}"#,
        needs: &["level", "ts", "logger", "msg"],
        holds: |members| {
            let logger = find(members, "logger").and_then(Member::text);
            logger.is_some_and(|logger| logger.starts_with("http."))
        },
    },
    form(
        "zap",
        &["level", "ts", "msg"],
        r#"{"level":"info","ts":1503694263.3844085,"caller":"zap/main.go:12","msg":"constructed a logger"}"#,
    ),
    JsonForm {
        name: "slog",
        example: r#"{"time":"2022-11-08T15:28:26.000000000-05:00","level":"INFO","msg":"hello","count":3}"#,
        needs: &["time", "level", "msg"],
        holds: |members| members.first().is_some_and(|member| member.name == "time"),
    },
    form(
        "logrus",
        &["time", "level", "msg"],
        r#"{"animal":"walrus","level":"info","msg":"A group of walrus emerges","size":10,"time":"2014-03-10T19:57:38.562264131-04:00"}"#,
    ),
    JsonForm {
        name: "zerolog",
        example: r#"{"level":"info","time":1516134303,"message":"hello world"}"#,
        needs: &["level", "time", "message"],
        holds: |members| members.first().is_some_and(|member| member.name == "level"),
    },
    form(
        "logstash",
        &["@timestamp", "@version", "message"],
        r#"{"@timestamp":"2026-11-21T10:00:00.123Z","@version":"1","message":"hi","logger_name":"App","thread_name":"main","level":"INFO","level_value":20000}"#,
    ),
    form(
        "google-cloud",
        &["severity", "message"],
        r#"{"severity":"ERROR","message":"There was an error in the application.","time":"2020-10-12T07:20:50.52Z"}"#,
    ),
];

fn is_object(members: &[Member<'_>], name: &str) -> bool {
    find(members, name).is_some_and(Member::is_object)
}

/// The name of the form of a line that is a JSON object: `json` where no form fits.
pub(crate) fn form_of(line: &str) -> &'static str {
    let Some(members) = scan::members(line) else { return "json" };
    let has = |name: &&str| find(&members, name).is_some();
    let found = FORMS.iter().find(|form| form.needs.iter().all(has) && (form.holds)(&members));
    found.map_or("json", |form| form.name)
}

#[cfg(test)]
mod tests {
    use super::{FORMS, form_of};

    #[test]
    fn every_example_is_of_its_own_form() {
        for form in FORMS {
            assert_eq!(form_of(form.example), form.name, "{}", form.example);
        }
        assert_eq!(form_of(r#"{"message":"m"}"#), "json");
        assert_eq!(form_of("{"), "json");
    }
}
