"""Web servers, proxies and frameworks."""

from values import (CLIENTS, MESSAGES, MOMENTS, cut, nanos, pick, record, stamp, zoned)
from values import OFFSETS

FORMS = {}


def form(name):
    """Registers what makes the line of this number."""
    return lambda maker: FORMS.setdefault(name, maker)


STATUSES = [200, 201, 204, 301, 304, 400, 403, 404, 429, 499, 500, 502, 503]
PATHS = ["/", "/a/b?c=d&e=%20", "/caf%C3%A9", "/x.gif", "*"]
METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0)", "curl/8.5.0", None]


def level_of(status):
    """Answers of 500 and above are errors, 400 and above warnings."""
    return "ERROR" if status >= 500 else "WARN" if status >= 400 else "INFO"


def request(n):
    """Method, path, protocol, the line of the request, status and level."""
    method, path, protocol = pick(METHODS, n), pick(PATHS, n), pick(["HTTP/1.1", "HTTP/2.0"], n)
    status = pick(STATUSES, n)
    return method, path, protocol, f"{method} {path} {protocol}", status, level_of(status)


def parts(n):
    """The fields of a request."""
    method, path, protocol, _, status, _ = request(n)
    return [("method", method), ("path", path), ("protocol", protocol), ("status", status)]


def clf(moment, n):
    """The time of the common log format."""
    return zoned(moment, pick(OFFSETS, n), "%d/%b/%Y:%H:%M:%S ", 0, "")


# Apache manual, "Common Log Format"
@form("access.common")
def common(n):
    t, (_, _, _, line, status, level) = cut(MOMENTS[n], 0), request(n)
    client, user = pick(CLIENTS, n), pick([None, "frank", "mary ann"], n)
    size = pick([None, 0, 2326], n)
    return (f'{client} - {user or "-"} [{clf(t, n)}] "{line}" {status} '
            f'{"-" if size is None else size}',
            record(t, level, f"{line} {status}", "",
                   [("client", client), ("user", user)] + parts(n) + [("bytes", size)]))


# Apache and nginx, "combined"; quotes and other bytes escaped as each of them does
@form("access.combined")
def combined(n):
    t, (_, _, _, line, status, level) = cut(MOMENTS[n], 0), request(n)
    client, agent = pick(CLIENTS, n), pick(AGENTS, n)
    referer = pick([None, "https://example.com/?q=1"], n)
    if n == 7:
        agent = 'odd "agent" \\ \u00e9'
    written = agent and agent.replace("\\", "\\\\").replace('"', '\\"')
    if n == 7:
        written = 'odd \\x22agent\\x22 \\x5C \\xC3\\xA9'
    return (f'{client} - - [{clf(t, n)}] "{line}" {status} {n * 1000} "{referer or "-"}" '
            f'"{written or "-"}"',
            record(t, level, f"{line} {status}", "",
                   [("client", client)] + parts(n)
                   + [("bytes", n * 1000), ("referer", referer), ("user_agent", agent)]))


# Apache's `vhost_combined` as Debian configures it
@form("access.vhost")
def vhost(n):
    t, (_, _, _, line, status, level) = cut(MOMENTS[n], 0), request(n)
    client = pick(["10.0.0.1", "2001:db8::7", "203.0.113.99"], n)
    return (f'www.example.com:443 {client} - - [{clf(t, n)}] "{line}" {status} 7 "-" "curl/8.5.0"',
            record(t, level, f"{line} {status}", "",
                   [("host", "www.example.com:443"), ("client", client)] + parts(n)
                   + [("bytes", 7), ("user_agent", "curl/8.5.0")]))


# gunicorn's access_log_format: %(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"
@form("access.gunicorn")
def gunicorn(n):
    t, (_, _, _, line, status, level) = cut(MOMENTS[n], 0), request(n)
    return (f'127.0.0.1 - - [{clf(t, n)}] "{line}" {status} 12 "-" "python-requests/2.32"',
            record(t, level, f"{line} {status}", "",
                   [("client", "127.0.0.1")] + parts(n)
                   + [("bytes", 12), ("user_agent", "python-requests/2.32")]))


# werkzeug's serving.py, as Flask's development server prints it
@form("access.werkzeug")
def werkzeug(n):
    t, (_, _, _, line, status, level) = cut(MOMENTS[n], 0), request(n)
    return (f'127.0.0.1 - - [{stamp(t, "%d/%b/%Y %H:%M:%S")}] "{line}" {status} -',
            record(t, level, f"{line} {status}", "", [("client", "127.0.0.1")] + parts(n)))


# Apache manual, ErrorLogFormat of 2.4, and the form of 2.2
@form("apache-error")
def apache_error(n):
    word, level = pick([("emerg", "FATAL"), ("alert", "FATAL"), ("crit", "FATAL"),
                        ("error", "ERROR"), ("warn", "WARN"), ("notice", "INFO"), ("info", "INFO"),
                        ("debug", "DEBUG"), ("trace1", "TRACE"), ("trace8", "TRACE")], n)
    client = pick([None, "72.15.99.187:4711", "[::1]:80"], n)
    if n % 4 == 3 and not word.startswith("trace"):
        t = cut(MOMENTS[n], 0)
        bare = client and "72.15.99.187"
        who = f"[client {bare}] " if bare else ""
        message = "File does not exist: /srv/x"
        return (f"[{t.strftime('%a %b %d %H:%M:%S %Y')}] [{word}] {who}{message}",
                record(t, level, message, "", [("client", bare)]))
    t, message = MOMENTS[n], f"AH0{n:04d}: {MESSAGES[0]}"
    client = client and client.replace("[", "").replace("]", "")
    who = f"[client {client}] " if client else ""
    return (f"[{t.strftime('%a %b %d %H:%M:%S')}.{t.microsecond:06d} {t.year}] [core:{word}] "
            f"[pid {n + 1}:tid 4328636416] {who}{message}",
            record(t, level, message, "core",
                   [("pid", n + 1), ("tid", 4328636416), ("client", client)]))


# nginx's ngx_log.c: %V [%V] %P#%T: *%uA %s
@form("nginx-error")
def nginx_error(n):
    t = cut(MOMENTS[n], 0)
    word, level = pick([("emerg", "FATAL"), ("alert", "FATAL"), ("crit", "FATAL"),
                        ("error", "ERROR"), ("warn", "WARN"), ("notice", "INFO"), ("info", "INFO"),
                        ("debug", "DEBUG")], n)
    connection = pick([None, n + 9], n)
    mark = f"*{connection} " if connection else ""
    message = pick([MESSAGES[n], 'open() "/srv/x" failed (2: No such file or directory), client: '
                    '10.0.0.1, server: example.com, request: "GET /x HTTP/1.1"'], n // 2)
    return (f"{stamp(t, '%Y/%m/%d %H:%M:%S')} [{word}] {n + 1}#{n + 2}: {mark}{message}",
            record(t, level, message, "",
                   [("pid", n + 1), ("tid", n + 2), ("connection", connection)]))


# HAProxy manual, 8.2.2 and 8.2.3: TCP and HTTP log format
@form("haproxy")
def haproxy(n):
    t = cut(MOMENTS[n], 3)
    client = pick(["10.0.1.2:33317", "::ffff:10.0.0.1:80", "2001:db8::1:5"], n)
    when = stamp(t, "%d/%b/%Y:%H:%M:%S", 3)
    if n % 4 == 3:
        state, level = pick([("--", "INFO"), ("cD", "WARN"), ("SC", "WARN")], n)
        return (f"{client} [{when}] fnt bck/srv1 0/0/5007 212 {state} 0/0/0/0/3 0/0",
                record(t, level, f"fnt bck/srv1 {state}", "",
                       [("client", client), ("frontend", "fnt"), ("backend", "bck"),
                        ("server", "srv1"), ("timers", "0/0/5007"), ("bytes", 212),
                        ("state", state), ("connections", "0/0/0/0/3"), ("queues", "0/0")]))
    method, path, protocol, line, status, level = request(n)
    captured, headers = pick([("", None), ("{1wt.eu} {} ", "1wt.eu"), ("{|a b|} ", "|a b|")], n)
    return (f'{client} [{when}] http-in~ static/<NOSRV> 10/0/30/69/109 {status} {n} - - ---- '
            f'1/1/1/1/0 0/0 {captured}"{line}"',
            record(t, level, f"{line} {status}", "",
                   [("client", client), ("frontend", "http-in~"), ("backend", "static"),
                    ("server", "<NOSRV>"), ("timers", "10/0/30/69/109"), ("status", status),
                    ("bytes", n), ("state", "----"), ("method", method), ("path", path),
                    ("protocol", protocol), ("connections", "1/1/1/1/0"), ("queues", "0/0"),
                    ("request_headers", headers)]))


# Envoy manual, "Default format string"
@form("envoy")
def envoy(n):
    t, (method, path, protocol, line, status, level) = cut(MOMENTS[n], 3), request(n)
    flags, upstream = pick([None, "UF,URX"], n), pick([None, 100], n)
    agent, client = pick(AGENTS, n), pick([None, "10.0.35.28"], n)
    return (f'[{stamp(t, "%Y-%m-%dT%H:%M:%S", 3, tail="Z")}] "{line}" {status} {flags or "-"} {n} 7 226 '
            f'{upstream or "-"} "{client or "-"}" "{agent or "-"}" "id-{n}" "locations" '
            f'"tcp://10.0.2.1:80"',
            record(t, level, f"{line} {status}", "",
                   parts(n) + [("flags", flags), ("bytes_received", n), ("bytes", 7),
                               ("duration_ms", 226), ("upstream_ms", upstream),
                               ("forwarded_for", client), ("user_agent", agent),
                               ("request_id", f"id-{n}"), ("authority", "locations"),
                               ("upstream", "tcp://10.0.2.1:80")]))


# Squid wiki, "Native log format": time elapsed remotehost code/status bytes method URL ...
@form("squid")
def squid(n):
    t, status = cut(MOMENTS[n], 3), pick(STATUSES, n)
    millis = nanos(t) // 1_000_000
    client, user = pick(CLIENTS, n), pick([None, "alice"], n)
    url = pick(["http://example.com/x.zip", "example.com:443"], n)
    method = pick(["GET", "CONNECT"], n)
    route, kind = pick([("HIER_DIRECT/203.0.113.7", "text/html"), ("HIER_NONE/-", None)], n)
    return (f"{millis // 1000}.{millis % 1000:03d} {n:>6} {client} TCP_MISS/{status} {n} {method} {url} "
            f"{user or '-'} {route} {kind or '-'}",
            record(t, level_of(status), f"{method} {url} TCP_MISS", "",
                   [("elapsed_ms", n), ("client", client), ("result", "TCP_MISS"),
                    ("status", status), ("bytes", n), ("method", method), ("url", url),
                    ("user", user), ("route", route), ("content_type", kind)]))


# Django's django.core.servers.basehttp
@form("django")
def django(n):
    t, (_, _, _, line, status, level) = cut(MOMENTS[n], 0), request(n)
    return (f'[{stamp(t, "%d/%b/%Y %H:%M:%S")}] "{line}" {status} {n}',
            record(t, level, f"{line} {status}", "", parts(n) + [("bytes", n)]))
