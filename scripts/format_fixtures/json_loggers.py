"""Loggers that write JSON, with the members that their manuals give."""

import json

from values import (MESSAGES, MOMENTS, OFFSETS, arrival, cut, nanos, pick, record, stamp, zoned)

FORMS = {}


def form(name):
    """Registers what makes the line of this number."""
    return lambda maker: FORMS.setdefault(name, maker)


def dumped(members, n=0):
    """JSON with escapes for other letters or without them, absent members left out."""
    members = {name: value for name, value in members.items() if value is not None}
    return json.dumps(members, ensure_ascii=bool(n % 2), separators=pick([(",", ":"), None], n))


def iso(moment, digits=3):
    """RFC 3339 in UTC."""
    return stamp(moment, "%Y-%m-%dT%H:%M:%S", digits, tail="Z")


NAMED = [("trace", "TRACE"), ("debug", "DEBUG"), ("info", "INFO"), ("warn", "WARN"),
         ("error", "ERROR"), ("fatal", "FATAL")]
PINO = [(10, "TRACE"), (20, "DEBUG"), (30, "INFO"), (40, "WARN"), (50, "ERROR"), (60, "FATAL")]
PYTHON = [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "WARN"), ("ERROR", "ERROR"),
          ("CRITICAL", "FATAL")]


# pino, docs/api.md: level time pid hostname name msg; err by its standard serializer
@form("pino")
def pino(n):
    t, (number, level) = cut(MOMENTS[n], 3), pick(PINO, n)
    name, error = pick([None, "api"], n), pick([None, None, {"type": "E", "message": "m"}], n)
    line = dumped({"level": number, "time": nanos(t) // 1_000_000, "pid": n + 1, "hostname": "h",
                   "name": name, "reqId": n, "err": error, "msg": MESSAGES[n]}, n)
    fields = [("pid", n + 1), ("hostname", "h"), ("reqId", n), ("err", error)]
    return line, record(t, level, MESSAGES[n], name or "", fields,
                        exception=["E", "m"] if error else None)


# bunyan, README "Core fields"
@form("bunyan")
def bunyan(n):
    t, (number, level) = cut(MOMENTS[n], 3), pick(PINO, n)
    line = dumped({"name": "myapp", "hostname": "h", "pid": n + 1, "level": number, "n": n,
                   "msg": MESSAGES[n], "time": iso(t), "v": 0}, n)
    return line, record(t, level, MESSAGES[n], "myapp",
                        [("hostname", "h"), ("pid", n + 1), ("n", n), ("v", 0)])


# zap's NewProductionConfig: level ts logger caller msg stacktrace, seconds as a float
@form("zap")
def zap(n):
    t = cut(MOMENTS[n], 6)
    word, level = pick([("debug", "DEBUG"), ("info", "INFO"), ("warn", "WARN"), ("error", "ERROR"),
                        ("dpanic", "FATAL"), ("panic", "FATAL"), ("fatal", "FATAL")], n)
    logger = pick([None, "db"], n)
    seconds, micros = divmod(nanos(t) // 1000, 1_000_000)
    line = dumped({"level": word, "ts": 0, "logger": logger, "caller": "zap/main.go:12",
                   "msg": MESSAGES[n], "attempt": n, "backoff": 1.5}, n)
    line = line.replace('"ts": 0', f'"ts": {seconds}.{micros:06d}')
    line = line.replace('"ts":0', f'"ts":{seconds}.{micros:06d}')
    caller = ("caller", "zap/main.go:12" if logger else None)
    return line, record(t, level, MESSAGES[n], logger or "zap/main.go:12",
                        [caller, ("attempt", n), ("backoff", 1.5)])


# zerolog, README: level time message, seconds since 1970 or RFC 3339
@form("zerolog")
def zerolog(n):
    t, (word, level) = cut(MOMENTS[n], 0), pick(NAMED + [("panic", "FATAL")], n)
    time = pick([nanos(t) // 1_000_000_000, zoned(t, pick(OFFSETS, n), digits=0)], n)
    line = dumped({"level": word, "n": n, "time": time, "message": MESSAGES[n]}, n)
    return line, record(t, level, MESSAGES[n], "", [("n", n)])


# log/slog, JSONHandler; AddSource adds an object
@form("slog")
def slog(n):
    t = MOMENTS[n]
    word, level = pick([("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARN"), ("ERROR", "ERROR")],
                       n)
    source = pick([None, {"function": "main.main", "file": "/x.go", "line": n}], n)
    line = dumped({"time": zoned(t, pick(OFFSETS, n), digits=9), "level": word, "source": source,
                   "msg": MESSAGES[n], "count": n, "group": {"a": [1, None, True]}}, n)
    return line, record(t, level, MESSAGES[n], "",
                        [("source", source), ("count", n), ("group", {"a": [1, None, True]})])


# logrus, README, JSONFormatter: members in the order of the alphabet
@form("logrus")
def logrus(n):
    t = cut(MOMENTS[n], 0)
    word, level = pick([("trace", "TRACE"), ("debug", "DEBUG"), ("info", "INFO"),
                        ("warning", "WARN"), ("error", "ERROR"), ("fatal", "FATAL"),
                        ("panic", "FATAL")], n)
    error = pick([None, "EOF"], n)
    line = dumped({"animal": "walrus", "error": error, "level": word, "msg": MESSAGES[n], "size": n,
                   "time": zoned(t, pick(OFFSETS, n), digits=0)}, n)
    return line, record(t, level, MESSAGES[n], "",
                        [("animal", "walrus"), ("error", error), ("size", n)])


# structlog, JSONRenderer after add_log_level and TimeStamper(fmt="iso")
@form("structlog")
def structlog(n):
    t = MOMENTS[n]
    word, level = pick([("debug", "DEBUG"), ("info", "INFO"), ("warning", "WARN"),
                        ("error", "ERROR"), ("critical", "FATAL")], n)
    logger = pick([None, "shop.cart"], n)
    text = pick([None, None, "Traceback (most recent call last):\nValueError: x"], n)
    line = dumped({"user": n, "event": MESSAGES[n], "logger": logger, "level": word,
                   "timestamp": iso(t, 6), "exception": text}, n)
    return line, record(t, level, MESSAGES[n], logger or "", [("user", n)],
                        exception=["", text] if text else None)


# loguru, "serialize": text and record
@form("loguru-json")
def loguru_json(n):
    t = MOMENTS[n]
    word, level, number = pick([("TRACE", "TRACE", 5), ("DEBUG", "DEBUG", 10),
                                ("INFO", "INFO", 20), ("SUCCESS", "INFO", 25),
                                ("WARNING", "WARN", 30), ("ERROR", "ERROR", 40),
                                ("CRITICAL", "FATAL", 50), ("MINE", "ERROR", 42)], n)
    error = pick([None, {"type": "ValueError", "value": "x", "traceback": True}], n)
    zone = zoned(t, pick(OFFSETS, n), "%Y-%m-%d %H:%M:%S", 6)
    line = json.dumps({"text": "rendered\n", "record": {
        "elapsed": {"repr": "0:00:01.5", "seconds": 1.5}, "exception": error,
        "extra": {"user": n}, "file": {"name": "cart.py", "path": "/srv/cart.py"},
        "function": "pay", "level": {"icon": "i", "name": word, "no": number}, "line": n + 1,
        "message": MESSAGES[n], "module": "cart", "name": "shop.cart",
        "process": {"id": 7, "name": "MainProcess"}, "thread": {"id": 9, "name": "MainThread"},
        "time": {"repr": zone, "timestamp": t.timestamp()}}})
    return line, record(t, level, MESSAGES[n], "shop.cart", [
        ("elapsed_seconds", 1.5), ("user", n), ("file", "/srv/cart.py"), ("function", "pay"),
        ("line", n + 1), ("pid", 7), ("thread", "MainThread")],
        exception=["ValueError", "x"] if error else None)


# python-json-logger, README: the attributes of LogRecord under their own names
@form("python-json-logger")
def python_json_logger(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(PYTHON, n)
    text = pick([None, "Traceback (most recent call last):\nKeyError: 'k'"], n)
    line = dumped({"asctime": stamp(t, "%Y-%m-%d %H:%M:%S", 3, ","), "name": "shop.cart",
                   "levelname": word, "message": MESSAGES[n], "exc_info": text, "extra": n}, n)
    return line, record(t, level, MESSAGES[n], "shop.cart", [("extra", n)],
                        exception=["", text] if text else None)


# tracing_subscriber::fmt().json()
@form("tracing-json")
def tracing_json(n):
    t, (word, level) = MOMENTS[n], pick([(a.upper(), b) for a, b in NAMED[:5]], n)
    span = pick([None, {"name": "request", "id": 7}], n)
    line = dumped({"timestamp": iso(t, 6), "level": word,
                   "fields": {"message": MESSAGES[n], "number_of_yaks": n, "ratio": 0.25},
                   "target": "shop::cart", "span": span, "spans": [span] if span else None,
                   "threadId": "ThreadId(1)"}, n)
    return line, record(t, level, MESSAGES[n], "shop::cart", [
        ("number_of_yaks", n), ("ratio", 0.25), ("span", span), ("spans", [span] if span else None),
        ("threadId", "ThreadId(1)")])


# Elastic Common Schema as ecs-logging-java writes it: dotted names
@form("ecs.dotted")
def ecs_dotted(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick([(a.upper(), b) for a, b in NAMED], n)
    error = pick([None, "java.lang.IllegalStateException"], n)
    trace = pick(["4bf92f3577b34da6a3ce929d0e0e4736", None], n)
    line = dumped({"@timestamp": iso(t), "log.level": word, "message": MESSAGES[n],
                   "ecs.version": "1.2.0", "service.name": "shop", "event.dataset": "shop.log",
                   "process.thread.name": "main", "log.logger": "c.e.App", "trace.id": trace,
                   "error.type": error, "error.message": error and "no"}, n)
    return line, record(t, level, MESSAGES[n], "c.e.App", [
        ("ecs.version", "1.2.0"), ("event.dataset", "shop.log"), ("process.thread.name", "main"),
        ("error.type", error), ("error.message", error and "no")], service="shop", trace_id=trace,
        exception=[error, "no"] if error else None)


# Elastic Common Schema as ecs-logging-python and -nodejs write it: objects within objects
@form("ecs.nested")
def ecs_nested(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(NAMED, n)
    line = dumped({"@timestamp": iso(t), "message": MESSAGES[n], "ecs": {"version": "1.6.0"},
                   "log": {"level": word, "logger": "app",
                           "origin": {"file": {"line": n, "name": "a.py"}, "function": "pay"}},
                   "service": {"name": "shop"}, "trace": {"id": "t1"}, "span": {"id": "s1"},
                   "process": {"pid": 7, "thread": {"name": "main"}}, "user": {"id": n}}, n)
    return line, record(t, level, MESSAGES[n], "app", [
        ("ecs.version", "1.6.0"), ("log.origin.file.line", n), ("log.origin.file.name", "a.py"),
        ("log.origin.function", "pay"), ("process.pid", 7), ("process.thread.name", "main"),
        ("user", {"id": n})], service="shop", trace_id="t1", span_id="s1")


# OpenTelemetry, OTLP/JSON: one record a line, as the file exporter writes it with batches of one
@form("otlp")
def otlp(n):
    t = MOMENTS[n]
    number, level = pick([(1, "TRACE"), (5, "DEBUG"), (9, "INFO"), (12, "INFO"), (13, "WARN"),
                          (17, "ERROR"), (21, "FATAL"), (24, "FATAL")], n)
    count = pick([str(n), n], n)
    log = {"timeUnixNano": str(nanos(t)), "severityNumber": number, "severityText": "ignored",
           "body": {"stringValue": MESSAGES[n]},
           "attributes": [{"key": "n", "value": {"intValue": count}},
                          {"key": "ok", "value": {"boolValue": True}},
                          {"key": "ratio", "value": {"doubleValue": 0.5}},
                          {"key": "tags", "value": {"arrayValue": {"values": [
                              {"stringValue": "a"}, {"intValue": "2"}]}}}],
           "traceId": "5b8efff798038103d269b633813fc60c", "spanId": pick(["eee19b7ec3c1b174", ""], n)}
    if n == 3:
        del log["timeUnixNano"]
        log["observedTimeUnixNano"] = str(nanos(t))
    line = json.dumps({"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}},
                                    {"key": "host.name", "value": {"stringValue": "h"}}]},
        "scopeLogs": [{"scope": {"name": "cart"}, "logRecords": [log]}]}]})
    return line, record(t, level, MESSAGES[n], "cart", [
        ("n", n), ("ok", True), ("ratio", 0.5), ("tags", ["a", 2]), ("host.name", "h")],
        service="shop", trace_id="5b8efff798038103d269b633813fc60c",
        span_id=log["spanId"] or None)


# Graylog, GELF 1.1: seconds with a fraction, severities of the system log, additional fields
@form("gelf")
def gelf(n):
    t = cut(MOMENTS[n], 3)
    levels = ["FATAL", "FATAL", "FATAL", "ERROR", "WARN", "INFO", "INFO", "DEBUG"]
    millis = nanos(t) // 1_000_000
    full = pick([None, "Backtrace here\n\nmore stuff"], n)
    line = dumped({"version": "1.1", "host": "example.org", "short_message": MESSAGES[n],
                   "full_message": full, "timestamp": 0, "level": n % 8, "_user_id": n,
                   "_level": "own"})
    line = line.replace('"timestamp":0', f'"timestamp":{millis // 1000}.{millis % 1000:03d}')
    return line, record(t, levels[n % 8], MESSAGES[n], "", [
        ("host", "example.org"), ("full_message", full), ("user_id", n), ("level", "own")])


# Docker, "JSON File logging driver"; the text inside has a format of its own
@form("docker")
def docker(n):
    t, stream = MOMENTS[n], pick(["stdout", "stderr"], n)
    attrs = pick([None, {"tag": "web"}], n)
    tail = [("stream", stream), ("attrs", attrs)]
    kind = n % 4
    if kind == 0:
        text, found = MESSAGES[n] + "\n", ("INFO", MESSAGES[n], "", [])
    elif kind == 1:
        inner = {"level": "error", "msg": MESSAGES[n], "time": "soon", "n": n}
        text = json.dumps(inner) + "\n"
        found = ("ERROR", MESSAGES[n], "", [("time", "soon"), ("n", n)])
    elif kind == 2:
        text = f"\u001b[33m2026-11-21 10:00:00,000 - shop - WARNING - {MESSAGES[n]}\u001b[0m\r\n"
        found = ("WARN", MESSAGES[n], "shop", [])
    else:
        text, found = "half of a line", ("INFO", "half of a line", "", [])
        tail.insert(1, ("partial", "yes"))
    line = dumped({"log": text, "stream": stream, "attrs": attrs, "time": iso(t, 9)}, n)
    level, message, module, fields = found
    return line, record(t, level, message, module, fields + tail)


# systemd.journal-fields, as journalctl -o json writes them; bytes that are no text as numbers
@form("journald")
def journald(n):
    t = MOMENTS[n]
    levels = ["FATAL", "FATAL", "FATAL", "ERROR", "WARN", "INFO", "INFO", "DEBUG"]
    message = MESSAGES[n] if n % 5 else "bytes \u00e9"
    value = message if n % 5 else list(message.encode())
    line = dumped({"__CURSOR": f"s={n}", "__REALTIME_TIMESTAMP": str(nanos(t) // 1000),
                   "PRIORITY": str(n % 8), "SYSLOG_IDENTIFIER": "cron", "_PID": str(n),
                   "_HOSTNAME": "h", "MESSAGE": value}, n)
    return line, record(t, levels[n % 8], message, "cron",
                        [("__CURSOR", f"s={n}"), ("_PID", str(n)), ("_HOSTNAME", "h")])


# MongoDB manual, "Log Messages": structured logging since 4.4
@form("mongodb")
def mongodb(n):
    t = cut(MOMENTS[n], 3)
    letter, level = pick([("F", "FATAL"), ("E", "ERROR"), ("W", "WARN"), ("I", "INFO"),
                          ("D1", "DEBUG"), ("D5", "DEBUG")], n)
    attributes = pick([None, {"remote": "127.0.0.1:5", "connectionId": n}], n)
    line = dumped({"t": {"$date": zoned(t, pick(OFFSETS, n))}, "s": letter, "c": "NETWORK",
                   "id": 22943, "ctx": "listener", "msg": MESSAGES[n], "attr": attributes}, n)
    return line, record(t, level, MESSAGES[n], "NETWORK",
                        [("id", 22943), ("ctx", "listener"), ("attr", attributes)])


# MySQL manual, "Error Log Output Format": log_sink_json; a filter may take the label out
@form("mysql-json")
def mysql_json(n):
    t = cut(MOMENTS[n], 6)
    prio, label, level = pick([(0, "System", "INFO"), (1, "Error", "ERROR"),
                               (2, "Warning", "WARN"), (3, "Note", "INFO")], n)
    labels = {} if n % 7 == 6 else {"label": label}
    fields = {"err_code": 10051 + n, "source_line": 561, "source_file": "event_scheduler.cc",
              "function": "run"}
    more = {"thread": n, "err_symbol": "ER_SCHEDULER_STARTED", "SQL_state": "HY000"}
    line = dumped({"prio": prio, **fields, "msg": MESSAGES[n],
                   "time": stamp(t, "%Y-%m-%dT%H:%M:%S", 6) + "Z", "ts": nanos(t) // 10**6,
                   **more, "subsystem": "Server", **labels}, n)
    return line, record(t, level, MESSAGES[n], "Server",
                        [*fields.items(), ("ts", nanos(t) // 10**6), *more.items()])


# PostgreSQL manual, "Using JSON-Format Log Output"
@form("postgresql-json")
def postgresql_json(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("LOG", "INFO"), ("ERROR", "ERROR"), ("FATAL", "FATAL"),
                        ("WARNING", "WARN"), ("DEBUG1", "DEBUG"), ("STATEMENT", "INFO")], n)
    line = dumped({"timestamp": stamp(t, "%Y-%m-%d %H:%M:%S", 3) + " UTC", "user": "app",
                   "dbname": "shop", "pid": n, "session_id": "6740f0a1.4d2",
                   "error_severity": word, "message": MESSAGES[n], "query_id": 0}, n)
    return line, record(t, level, MESSAGES[n], "",
                        [("user", "app"), ("dbname", "shop"), ("pid", n), ("kind", word),
                         ("query_id", 0)], session_id="6740f0a1.4d2")


# Traefik manual, "Access logs" with format: json
@form("traefik")
def traefik(n):
    t, status = cut(MOMENTS[n], 0), pick([200, 304, 404, 500], n)
    level = "ERROR" if status >= 500 else "WARN" if status >= 400 else "INFO"
    line = dumped({"ClientHost": "10.0.0.1", "DownstreamStatus": status, "Duration": n,
                   "RequestMethod": "GET", "RequestPath": f"/{n}", "RequestProtocol": "HTTP/2.0",
                   "level": "info", "msg": "", "time": zoned(t, pick(OFFSETS, n), digits=0)}, n)
    return line, record(t, level, f"GET /{n} HTTP/2.0 {status}", "", [
        ("ClientHost", "10.0.0.1"), ("DownstreamStatus", status), ("Duration", n),
        ("RequestMethod", "GET"), ("RequestPath", f"/{n}"), ("RequestProtocol", "HTTP/2.0")])


# Caddy manual, "Logging": zap's JSON with the request as an object
@form("caddy")
def caddy(n):
    t = cut(MOMENTS[n], 3)
    millis = nanos(t) // 1_000_000
    word, level = pick([("info", "INFO"), ("error", "ERROR")], n)
    request = {"remote_ip": "::1", "method": "GET", "uri": f"/{n}",
               "headers": {"Accept": ["*/*"]}}
    line = dumped({"level": word, "ts": 0, "logger": "http.log.access.log0",
                   "msg": "handled request", "request": request, "status": 200,
                   "duration": 0.00012})
    line = line.replace('"ts":0', f'"ts":{millis // 1000}.{millis % 1000:03d}')
    return line, record(t, level, "handled request", "http.log.access.log0",
                        [("request", request), ("status", 200), ("duration", 0.00012)])


# Serilog.Formatting.Compact: @t @mt @m @l @x; no level means Information
@form("serilog-compact")
def serilog_compact(n):
    t = MOMENTS[n]
    word, level = pick([(None, "INFO"), ("Verbose", "TRACE"), ("Debug", "DEBUG"),
                        ("Warning", "WARN"), ("Error", "ERROR"), ("Fatal", "FATAL")], n)
    text = pick([None, "System.Exception: x\n   at A.B()"], n)
    rendered = pick([None, MESSAGES[n]], n)
    line = dumped({"@t": stamp(t, "%Y-%m-%dT%H:%M:%S", 7, tail="Z"), "@m": rendered,
                   "@mt": "Hello, {User}", "@l": word, "@x": text, "User": "n", "Count": n}, n)
    return line, record(t, level, rendered or "Hello, {User}", "", [("User", "n"), ("Count", n)],
                        template="Hello, {User}", exception=["", text] if text else None)


# .NET, AddJsonConsole
@form("dotnet-json")
def dotnet_json(n):
    t = cut(MOMENTS[n], 0)
    word, level = pick([("Trace", "TRACE"), ("Debug", "DEBUG"), ("Information", "INFO"),
                        ("Warning", "WARN"), ("Error", "ERROR"), ("Critical", "FATAL")], n)
    line = dumped({"Timestamp": iso(t, 0), "EventId": n, "LogLevel": word,
                   "Category": "App.Program", "Message": MESSAGES[n],
                   "State": {"{OriginalFormat}": "x"}}, n)
    return line, record(t, level, MESSAGES[n], "App.Program",
                        [("EventId", n), ("State", {"{OriginalFormat}": "x"})])


# logstash-logback-encoder, README "Standard fields"
@form("logstash")
def logstash(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick([(a.upper(), b) for a, b in NAMED[:5]], n)
    line = dumped({"@timestamp": zoned(t, pick(OFFSETS, n)), "@version": "1",
                   "message": MESSAGES[n], "logger_name": "c.e.App", "thread_name": "main",
                   "level": word, "level_value": 20000}, n)
    return line, record(t, level, MESSAGES[n], "c.e.App",
                        [("@version", "1"), ("thread_name", "main"), ("level_value", 20000)])


# Google Cloud, "Structured logging": special JSON fields
@form("google-cloud")
def google_cloud(n):
    t = cut(MOMENTS[n], 6)
    word, level = pick([("DEBUG", "DEBUG"), ("INFO", "INFO"), ("NOTICE", "INFO"),
                        ("WARNING", "WARN"), ("ERROR", "ERROR"), ("CRITICAL", "FATAL"),
                        ("ALERT", "FATAL"), ("EMERGENCY", "FATAL")], n)
    line = dumped({"severity": word, "message": MESSAGES[n], "time": iso(t, 6),
                   "logging.googleapis.com/trace": "projects/p/traces/1", "n": n}, n)
    return line, record(t, level, MESSAGES[n], "", [("n", n)], trace_id="projects/p/traces/1")


# Any other JSON; times that no rule settles leave the time of the arrival, and say so
@form("json")
def other(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(NAMED, n)
    text, settled = pick([(iso(t), True), ("9999-12-31T23:59:59Z", False), ("soon", False)], n)
    line = dumped({"ts": text, "lvl": word, "message": MESSAGES[n], "big": 2 ** 70 + n,
                   "level": None}, n)
    fields = [] if settled else [("ts", text)]
    more = [] if settled else arrival("")[1:]
    return line, record(t if settled else None, level, MESSAGES[n], "",
                        fields + [("big", 2 ** 70 + n)] + more)
