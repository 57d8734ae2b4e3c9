"""The system itself: the system log in all its forms, the kernel, packages, containers."""

import json

from values import (CLIENTS, MESSAGES, MOMENTS, OFFSETS, YEARLESS, arrival, cut, nanos, pick, record,
                    stamp, zoned)

FORMS = {}


def form(name):
    """Registers what makes the line of this number."""
    return lambda maker: FORMS.setdefault(name, maker)


SEVERITIES = ["FATAL", "FATAL", "FATAL", "ERROR", "WARN", "INFO", "INFO", "DEBUG"]
HOSTS = ["web-1", "h\u00f4te", "10.0.0.7", "a.example.com", "2001:db8::1"]
TAGS = [("sshd", 19939), ("systemd", 1), ("kernel", None), ("CRON", 7), ("su(pam_unix)", 22),
        ("dbus-daemon", None), ("NetworkManager", 812)]


def day(moment, form_of_rest):
    """The traditional day of the month, with a blank for its first digit."""
    return moment.strftime("%b ") + f"{moment.day:>2} " + moment.strftime(form_of_rest)


def tagged(n):
    """`tag[pid]: message` and its parts."""
    tag, pid = pick(TAGS, n)
    inside = f"[{pid}]" if pid else ""
    return f"{tag}{inside}: {MESSAGES[n]}", tag, pid


# RFC 3164, section 4: <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MESSAGE
@form("syslog.rfc3164")
def rfc3164(n):
    t, host = cut(YEARLESS[n], 0), pick(HOSTS, n)
    text, tag, pid = tagged(n)
    severity, facility = n % 8, n % 24
    return (f"<{facility * 8 + severity}>{day(t, '%H:%M:%S')} {host} {text}",
            record(t, SEVERITIES[severity], MESSAGES[n], tag,
                   [("host", host), ("pid", pid), ("facility", facility)]))


# rsyslog's RSYSLOG_TraditionalFileFormat, and journalctl -o short
@form("syslog.short")
def short(n):
    t, host = cut(YEARLESS[n], 0), pick(HOSTS, n)
    text, tag, pid = tagged(n)
    return (f"{day(t, '%H:%M:%S')} {host} {text}",
            record(t, "INFO", MESSAGES[n], tag, [("host", host), ("pid", pid)]))


# rsyslog's RSYSLOG_FileFormat, Debian's default since 12: RFC 3339 with microseconds
@form("syslog.rsyslog")
def rsyslog(n):
    t, host = MOMENTS[n], pick(HOSTS, n)
    text, tag, pid = tagged(n)
    return (f"{zoned(t, pick(OFFSETS, n), digits=6)} {host} {text}",
            record(t, "INFO", MESSAGES[n], tag, [("host", host), ("pid", pid)]))


# journalctl -o short-iso and short-iso-precise
@form("syslog.short-iso")
def short_iso(n):
    digits = pick([0, 6], n)
    t, host = cut(MOMENTS[n], digits), pick(HOSTS, n)
    text, tag, pid = tagged(n)
    return (f"{zoned(t, pick(OFFSETS, n), digits=digits, colon=pick(['', ':'], n))} {host} {text}",
            record(t, "INFO", MESSAGES[n], tag, [("host", host), ("pid", pid)]))


# journalctl -o short-precise
@form("syslog.short-precise")
def short_precise(n):
    t, host = YEARLESS[n], pick(HOSTS, n)
    text, tag, pid = tagged(n)
    return (f"{day(t, '%H:%M:%S')}.{t.microsecond:06d} {host} {text}",
            record(t, "INFO", MESSAGES[n], tag, [("host", host), ("pid", pid)]))


# journalctl -o short-full
@form("syslog.short-full")
def short_full(n):
    t, host = cut(MOMENTS[n], 0), pick(HOSTS, n)
    text, tag, pid = tagged(n)
    return (f"{t.strftime('%a %Y-%m-%d %H:%M:%S')} UTC {host} {text}",
            record(t, "INFO", MESSAGES[n], tag, [("host", host), ("pid", pid)]))


# journalctl -o short-unix
@form("syslog.short-unix")
def short_unix(n):
    t, host = MOMENTS[n], pick(HOSTS, n)
    text, tag, pid = tagged(n)
    seconds, micros = divmod(nanos(t) // 1000, 1_000_000)
    return (f"{seconds}.{micros:06d} {host} {text}",
            record(t, "INFO", MESSAGES[n], tag, [("host", host), ("pid", pid)]))


# auth.log: what sshd, sudo and pam print
@form("syslog.auth")
def auth(n):
    t = cut(YEARLESS[n], 0)
    client = pick(CLIENTS, n)
    tag, pid, message = pick([
        ("sshd", 100 + n, f"Failed password for invalid user admin from {client} port {n} ssh2"),
        ("sudo", None, "  alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls"),
        ("sshd", 100 + n, "pam_unix(sshd:session): session opened for user bob(uid=1000) by (uid=0)"),
        ("su", 7, "(to root) alice on pts/1")], n)
    inside = f"[{pid}]" if pid else ""
    return (f"{day(t, '%H:%M:%S')} web-1 {tag}{inside}: {message}",
            record(t, "INFO", message, tag, [("host", "web-1"), ("pid", pid)]))


# cron.log
@form("syslog.cron")
def cron(n):
    t = cut(YEARLESS[n], 0)
    message = pick(["(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
                    "(CRON) info (No MTA installed, discarding output)",
                    "pam_unix(cron:session): session closed for user root"], n)
    return (f"{day(t, '%H:%M:%S')} web-1 CRON[{n + 1}]: {message}",
            record(t, "INFO", message, "CRON", [("host", "web-1"), ("pid", n + 1)]))


# CEF, JSON and HAProxy as messages of the system log
@form("syslog.wrapped")
def wrapped(n):
    t = cut(YEARLESS[n], 0)
    head = f"{day(t, '%H:%M:%S')} web-1 "
    kind = n % 4
    if kind == 0:
        return (f"{head}CEF:0|Vendor|Product|1|{n}|{MESSAGES[0]}|7|src=10.0.0.1",
                record(t, "ERROR", MESSAGES[0], "Product",
                       [("host", "web-1"), ("vendor", "Vendor"), ("product_version", "1"),
                        ("event_class", str(n)), ("severity", 7), ("src", "10.0.0.1")]))
    if kind == 1:
        inner = json.dumps({"level": "warn", "msg": MESSAGES[n], "n": n}, ensure_ascii=False)
        mark = pick(["", "@cee: "], n // 4)
        return (f"{head}app[7]: {mark}{inner}",
                record(t, "WARN", MESSAGES[n], "app", [("n", n), ("host", "web-1"), ("pid", 7)]))
    if kind == 2:
        line = ('10.0.0.1:5 [21/Nov/2026:10:00:00.123] fe be/s1 0/0/1/2/3 503 212 - - SC-- '
                f'1/1/0/0/0 0/0 "GET /{n} HTTP/1.1"')
        return (f"{head}haproxy[9]: {line}",
                record(t, "ERROR", f"GET /{n} HTTP/1.1 503", "haproxy",
                       [("host", "web-1"), ("pid", 9), ("client", "10.0.0.1:5"), ("frontend", "fe"),
                        ("backend", "be"), ("server", "s1"), ("timers", "0/0/1/2/3"),
                        ("status", 503), ("bytes", 212), ("state", "SC--"), ("method", "GET"),
                        ("path", f"/{n}"), ("protocol", "HTTP/1.1"),
                        ("connections", "1/1/0/0/0"), ("queues", "0/0")]))
    return (f"{head}app[7]: {{not json", record(t, "INFO", "{not json", "app",
                                               [("host", "web-1"), ("pid", 7)]))


# RFC 5424, section 6: <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG
@form("syslog-5424")
def rfc5424(n):
    digits = pick([6, 3, 0], n)
    t, host = cut(MOMENTS[n], digits), pick([None] + HOSTS, n)
    app, pid, identifier = pick([("su", None, "ID47"), (None, 8710, None), ("evntslog", 7, "-x")], n)
    severity, facility = n % 8, n % 24
    quoted = MESSAGES[n].replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
    data = pick(["-", f'[a@1 iut="3" text="{quoted}"]', '[x@2][y@3 k="v" k2=""]'], n)
    fields = pick([[], [("iut", "3"), ("text", MESSAGES[n])], [("k", "v")]], n)
    message = "" if n == 5 else MESSAGES[n]
    mark = pick(["", "\ufeff"], n)
    head = pick([stamp(t, "%Y-%m-%dT%H:%M:%S", digits, tail="Z"),
                 zoned(t, pick(OFFSETS, n), digits=digits)], n)
    unknown = n == 19
    line = (f"<{facility * 8 + severity}>1 {'-' if unknown else head} {host or '-'} {app or '-'} "
            f"{pid or '-'} {identifier or '-'} {data}" + (f" {mark}{message}" if message else ""))
    more = [("time_source", "arrival")] if unknown else []
    return line, record(None if unknown else t, SEVERITIES[severity], message, app or "",
                        [("host", host), ("pid", pid), ("message_id", identifier),
                         ("facility", facility)] + fields + more)


# dmesg, dmesg -T and dmesg -x of util-linux
@form("dmesg")
def dmesg(n):
    t = cut(MOMENTS[n], 0)
    module, message = pick([("usb 1-1", "new high-speed USB device number 2"), ("ata1", "link is slow"),
                            (None, "Linux version 6.12.0 (gcc 14)"), ("EXT4-fs", "mounted (sda1)")], n)
    if module == "usb 1-1":
        module, message = None, f"{module}: {message}"
    text = f"{module}: {message}" if module else message
    if n % 2:
        seconds = f"{n * 37}.{n * 1001:06d}"
        head, when, more = f"{seconds:>12}", None, arrival(seconds)
    else:
        head, when, more = t.strftime("%a %b ") + f"{t.day:>2}" + t.strftime(" %H:%M:%S %Y"), t, []
    word, level = pick([("err", "ERROR"), ("warn", "WARN"), ("info", "INFO"), ("emerg", "FATAL"),
                        ("debug", "DEBUG")], n)
    if n % 3:
        return f"[{head}] {text}", record(when, "INFO", message, module or "", more)
    return (f"{'kern':<6}:{word:<6}: [{head}] {text}",
            record(when, level, message, module or "", [("facility", "kern")] + more))


# dpkg manual, --log: YYYY-MM-DD HH:MM:SS and one of the forms of a status change
@form("dpkg")
def dpkg(n):
    t = cut(MOMENTS[n], 0)
    text, fields = pick([
        ("startup archives unpack", [("action", "startup")]),
        ("install libc6:amd64 <none> 2.41-12",
         [("action", "install"), ("package", "libc6:amd64"), ("old_version", "<none>"),
          ("new_version", "2.41-12")]),
        ("upgrade g++:amd64 1.0~rc1 2:1.1+b2",
         [("action", "upgrade"), ("package", "g++:amd64"), ("old_version", "1.0~rc1"),
          ("new_version", "2:1.1+b2")]),
        ("status half-configured libc6:amd64 2.41-12",
         [("action", "status"), ("state", "half-configured"), ("package", "libc6:amd64"),
          ("version", "2.41-12")]),
        ("configure x:all 1 <none>", [("action", "configure"), ("package", "x:all"),
                                      ("old_version", "1"), ("new_version", "<none>")]),
        ("trigproc man-db:amd64 2.13 <none>",
         [("action", "trigproc"), ("package", "man-db:amd64"), ("old_version", "2.13"),
          ("new_version", "<none>")]),
        ("conffile /etc/x keep", [("action", "conffile")])], n)
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S')} {text}", record(t, "INFO", text, "", fields))


# /var/log/alternatives.log, as dpkg's update-alternatives.c writes it: program time: text
@form("update-alternatives")
def update_alternatives(n):
    t = cut(MOMENTS[n], 0)
    text = pick(["run with --install /usr/bin/awk awk /usr/bin/mawk 5",
                 "link group awk updated to point to /usr/bin/mawk",
                 "status of link group /usr/bin/awk set to manual",
                 "auto-repair link group vi"], n)
    return (f"update-alternatives {stamp(t, '%Y-%m-%d %H:%M:%S')}: {text}",
            record(t, "INFO", text, "update-alternatives", []))


# /var/log/apt/history.log and the first and last line of term.log
@form("apt")
def apt(n):
    t = cut(MOMENTS[n], 0)
    when = stamp(t, "%Y-%m-%d  %H:%M:%S")
    text, has_time, action, level = pick([
        (f"Start-Date: {when}", True, "start-date", "INFO"),
        ("Commandline: apt-get install -y curl", False, "commandline", "INFO"),
        ("Requested-By: alice (1000)", False, "requested-by", "INFO"),
        ("Install: curl:amd64 (8.5.0, automatic), libc6:amd64 (2.41)", False, "install", "INFO"),
        ("Error: Sub-process /usr/bin/dpkg returned an error code (1)", False, "error", "ERROR"),
        (f"End-Date: {when}", True, "end-date", "INFO"),
        (f"Log started: {when}", True, "log-started", "INFO"),
        (f"Log ended: {when}", True, "log-ended", "INFO")], n)
    return text, record(t if has_time else None, level, text, "", [("action", action)])


# The audit daemon: type=TYPE msg=audit(seconds.millis:serial): fields
@form("audit")
def audit(n):
    t = cut(MOMENTS[n], 3)
    millis = nanos(t) // 1_000_000
    node = pick([None, "web-1"], n)
    kind = pick(["SYSCALL", "USER_LOGIN", "PROCTITLE"], n)
    text = 'arch=c000003e syscall=2 success=no exit=-13 comm="cat" key=(null)'
    head = f"node={node} " if node else ""
    return (f"{head}type={kind} msg=audit({millis // 1000}.{millis % 1000:03d}:{n + 1}): {text}",
            record(t, "INFO", text, kind, [("serial", n + 1), ("host", node)]))


# Kubernetes, "CRI container log format": time stream tag content
@form("cri")
def cri(n):
    t, stream = MOMENTS[n], pick(["stdout", "stderr"], n)
    head = pick([stamp(t, "%Y-%m-%dT%H:%M:%S", 9, tail="Z"),
                 zoned(t, pick(OFFSETS, n), digits=9)], n)
    kind = n % 3
    if kind == 0:
        text, level, fields = MESSAGES[n], "INFO", []
        module, message = "", MESSAGES[n]
    elif kind == 1:
        message, level, module, fields = MESSAGES[n], "ERROR", "", [("n", n)]
        text = json.dumps({"level": "error", "msg": message, "n": n}, ensure_ascii=False)
    else:
        message, level, module, fields = MESSAGES[n], "WARN", "shop", []
        text = f"2026-11-21 10:00:00,000 - shop - WARNING - {message}"
    return (f"{head} {stream} F {text}",
            record(t, level, message, module, fields + [("stream", stream)]))
