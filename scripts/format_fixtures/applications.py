"""Databases, brokers and servers, by the formats that their manuals give."""

from values import (CLIENTS, MESSAGES, MOMENTS, OFFSETS, WORDS, YEARLESS, arrival, cut, pick, record,
                    shown, stamp, zoned)

FORMS = {}


def form(name):
    """Registers what makes the line of this number."""
    return lambda maker: FORMS.setdefault(name, maker)


JAVA = [("TRACE", "TRACE"), ("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARN"),
        ("ERROR", "ERROR"), ("FATAL", "FATAL")]
POSTGRESQL = [("LOG", "INFO"), ("ERROR", "ERROR"), ("FATAL", "FATAL"), ("PANIC", "FATAL"),
              ("WARNING", "WARN"), ("NOTICE", "INFO"), ("INFO", "INFO"), ("DEBUG1", "DEBUG"),
              ("DEBUG5", "DEBUG"), ("STATEMENT", "INFO"), ("DETAIL", "INFO"), ("HINT", "INFO"),
              ("CONTEXT", "INFO")]


# PostgreSQL, log_line_prefix '%m [%p] ', and '%m [%p] %q%u@%d ' as Debian has it
@form("postgresql")
def postgresql(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(POSTGRESQL, n)
    user, database = pick([(None, None), ("app", "shop"), ("post\u00e9", "db-1")], n)
    who = f"{user}@{database} " if user else ""
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3)} {pick(['UTC', 'GMT'], n)} [{n + 1}] {who}{word}:  "
            f"{MESSAGES[n]}",
            record(t, level, MESSAGES[n], "", [("pid", n + 1), ("user", user),
                                               ("database", database), ("kind", word)]))


# PostgreSQL manual, "Using CSV-Format Log Output": the columns of version 14
@form("postgresql-csv")
def postgresql_csv(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(POSTGRESQL[:9], n)
    user, database, remote = pick([("app", "shop", "10.0.0.1:51234"), (None, None, None),
                                   ("app", "shop", "[::1]:5")], n)
    query = pick([None, 'SELECT "a", b FROM t'], n)

    def cell(text):
        return "" if text is None else '"' + text.replace('"', '""') + '"'
    began = stamp(t, "%Y-%m-%d %H:%M:%S") + " UTC"
    line = (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3)} UTC,{cell(user)},{cell(database)},{n + 1},"
            f"{cell(remote)},6740f0a1.{n:x},{n + 2},\"SELECT\",{began},3/7,0,{word},42P01,"
            f"{cell(MESSAGES[n])},,,,,,{cell(query)},,,\"psql\",\"client backend\",,0")
    return line, record(t, level, MESSAGES[n], "", [
        ("user", user), ("database", database), ("pid", n + 1), ("remote", remote),
        ("session_id", f"6740f0a1.{n:x}"), ("line_number", n + 2), ("command", "SELECT"),
        ("session_start", began), ("virtual_transaction", "3/7"), ("transaction", "0"),
        ("kind", word), ("sql_state", "42P01"), ("query", query), ("application", "psql"),
        ("backend_type", "client backend"), ("query_id", "0")])


# MySQL manual, "Core Error Log Event Fields": timestamp thread [priority] [code] [subsystem] msg
@form("mysql-error")
def mysql_error(n):
    t = MOMENTS[n]
    word, level = pick([("System", "INFO"), ("Note", "INFO"), ("Warning", "WARN"),
                        ("ERROR", "ERROR"), ("Error", "ERROR")], n)
    head = pick([stamp(t, "%Y-%m-%dT%H:%M:%S", 6, tail="Z"), zoned(t, pick(OFFSETS, n), digits=6)],
                n)
    subsystem = pick(["Server", "InnoDB", "Repl"], n)
    return (f"{head} {n} [{word}] [MY-{n:06d}] [{subsystem}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n], subsystem, [("thread", n), ("code", f"MY-{n:06d}")]))


def mysql_classic(n, head, moment, fields):
    """A line without code and subsystem; the engine stands at the head of some messages."""
    word, level = pick([("Note", "INFO"), ("Warning", "WARN"), ("ERROR", "ERROR")], n)
    engine = pick(["InnoDB", "", "WSREP"], n // 2)
    said = f"{engine}: " if engine else ""
    return (f"{head} [{word}] {said}{MESSAGES[n]}",
            record(moment, level, MESSAGES[n], engine, fields))


# MySQL 5.7, sql/log.cc: "%s %u [%s] %.*s\n" with a time in ISO 8601
@form("mysql-classic.5-7")
def mysql_5_7(n):
    t = MOMENTS[n]
    head = pick([stamp(t, "%Y-%m-%dT%H:%M:%S", 6, tail="Z"), zoned(t, pick(OFFSETS, n), digits=6)],
                n)
    return mysql_classic(n, f"{head} {n}", t, [("thread", n)])


# MySQL 5.5, sql/log.cc: "%02d%02d%02d %2d:%02d:%02d [%s] %.*s\n"
@form("mysql-classic.5-5")
def mysql_5_5(n):
    t = cut(MOMENTS[n], 0)
    return mysql_classic(n, stamp(t, f"%y%m%d {t.hour:2d}:%M:%S"), t, [])


# MariaDB, sql/log.cc: "%d-%02d-%02d %2d:%02d:%02d %lu [%s] %.*s\n"
@form("mysql-classic.mariadb")
def mariadb(n):
    t = cut(MOMENTS[n], 0)
    # MySQL 5.6 pads the hour with a zero and has the process where MariaDB has the thread.
    hour = pick([f"{t.hour:2d}", "%H"], n // 5)
    return mysql_classic(n, stamp(t, f"%Y-%m-%d {hour}:%M:%S") + f" {n * 7}", t, [("thread", n * 7)])


# Redis, server.c: "%d:%c %s %c %s\n" with pid, role, date, level sign
@form("redis")
def redis(n):
    t = cut(MOMENTS[n], 3)
    role, name = pick([("M", "primary"), ("S", "replica"), ("C", "child"), ("X", "sentinel")], n)
    sign, level = pick([(".", "DEBUG"), ("-", "DEBUG"), ("*", "INFO"), ("#", "WARN")], n // 2)
    return (f"{n + 1}:{role} {stamp(t, '%d %b %Y %H:%M:%S', 3)} {sign} {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "", [("pid", n + 1), ("role", name)]))


# RabbitMQ manual, "Log Message Format": $time [$level] $pid $msg
@form("rabbitmq")
def rabbitmq(n):
    t = MOMENTS[n]
    word, level = pick([("debug", "DEBUG"), ("info", "INFO"), ("notice", "INFO"),
                        ("warning", "WARN"), ("error", "ERROR"), ("critical", "FATAL")], n)
    head = zoned(t, pick(OFFSETS, n), "%Y-%m-%d %H:%M:%S", 6)
    return (f"{head} [{word}] <0.{n + 100}.0> {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "", [("process", f"0.{n + 100}.0")]))


# Kafka's log4j.properties: [%d] %p %m (%c)%n
@form("kafka")
def kafka(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(JAVA, n)
    logger = pick(["kafka.server.KafkaServer", "kafka.log.LogManager", "state.change.logger"], n)
    message = pick(["", "[KafkaServer id=0] ", "(nested (x)) "], n) + MESSAGES[n]
    return (f"[{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')}] {word} {message} ({logger})",
            record(t, level, message, logger))


# ZooKeeper's log4j.properties: %d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n
@form("zookeeper")
def zookeeper(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(JAVA, n)
    server = pick([None, 1, 3], n)
    thread, module, name = pick([("main", "QuorumPeerMain", "QuorumPeerMain"),
                                 ("WorkerSender[myid", "1]:FastLeaderElection",
                                  "FastLeaderElection"),
                                 ("ProcessThread(sid", "0 cport:-1):PrepRequestProcessor",
                                  "PrepRequestProcessor")], n)
    my = f"[myid:{server}] " if server else ""
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')} {my}- {word:<5} [{thread}:{module}@{n + 1}] - "
            f"{MESSAGES[n]}",
            record(t, level, MESSAGES[n], module,
                   [("thread", thread), ("class", name), ("line", n + 1), ("myid", server)]))


# Elasticsearch's log4j2.properties: [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker %m%n
@form("elasticsearch")
def elasticsearch(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(JAVA, n)
    logger = pick(["o.e.n.Node", "o.e.c.s.ClusterApplierService", "o.e.x.s.a.s.FileRolesStore"], n)
    node = pick(["node-1", "es_\u00e9", "a.b.c"], n)
    message = MESSAGES[n]
    return (f"[{stamp(t, '%Y-%m-%dT%H:%M:%S', 3, ',')}][{word:<5}][{logger:<25}] [{node}] {message}",
            record(t, level, message, logger, [("node", node)]))


# Cassandra's logback.xml: %-5level [%thread] %date{ISO8601} %F:%L - %msg%n
@form("cassandra")
def cassandra(n):
    t, (word, level), thread = cut(MOMENTS[n], 3), pick(JAVA, n), pick(WORDS, n)
    return (f"{word:<5} [{thread}] {stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')} StorageService.java:{n + 1} "
            f"- {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "StorageService.java",
                   [("thread", thread), ("line", n + 1)]))


# Tomcat's OneLineFormatter: dd-MMM-yyyy HH:mm:ss.SSS level [thread] class.method message
@form("tomcat")
def tomcat(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("SEVERE", "ERROR"), ("WARNING", "WARN"), ("INFO", "INFO"),
                        ("CONFIG", "DEBUG"), ("FINE", "DEBUG"), ("FINER", "TRACE"),
                        ("FINEST", "TRACE")], n)
    thread = pick(WORDS, n)
    place = "org.apache.catalina.startup.Catalina.start"
    return (f"{stamp(t, '%d-%b-%Y %H:%M:%S', 3)} {word} [{thread}] {place} {MESSAGES[n]}",
            record(t, level, MESSAGES[n], place, [("thread", thread)]))


# Jetty's StdErrLog: yyyy-MM-dd HH:mm:ss.SSS:LEVEL:name:thread: message
@form("jetty")
def jetty(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick([("INFO", "INFO"), ("WARN", "WARN"),
                                                 ("DEBUG", "DEBUG")], n)
    thread = pick(["main", "qtp1-22", "Scanner 0"], n)
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3)}:{word}:oejs.Server:{thread}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "oejs.Server", [("thread", thread)]))


# Spark's log4j.properties: %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n
@form("spark")
def spark(n):
    t, (word, level) = cut(MOMENTS[n], 0), pick(JAVA, n)
    logger = pick(["SparkContext", "executor.Executor", "storage.BlockManager"], n)
    return (f"{stamp(t, '%y/%m/%d %H:%M:%S')} {word} {logger}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger))


# Hadoop's file system daemons as in the public sample: yyMMdd HHmmss pid LEVEL class: message
@form("hdfs")
def hdfs(n):
    t, (word, level) = cut(MOMENTS[n], 0), pick(JAVA, n)
    logger = pick(["dfs.DataNode$PacketResponder", "dfs.FSNamesystem"], n)
    return (f"{stamp(t, '%y%m%d %H%M%S')} {n + 1} {word} {logger}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger, [("pid", n + 1)]))


# oslo.log manual, logging_context_format_string
@form("openstack")
def openstack(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "WARN"),
                        ("ERROR", "ERROR"), ("CRITICAL", "FATAL")], n)
    request = pick([None, "req-38101a0b 113d3a99c3 54fadb412c - - -"], n)
    file = pick([None, None, "nova-api.log.1.2017-05-16"], n)
    head = f"{file} " if file else ""
    return (f"{head}{stamp(t, '%Y-%m-%d %H:%M:%S', 3)} {n + 1} {word} nova.wsgi "
            f"[{request or '-'}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "nova.wsgi",
                   [("pid", n + 1), ("request", request), ("log_file", file)]))


# Android's logcat -v threadtime
@form("logcat")
def logcat(n):
    t = cut(YEARLESS[n], 3)
    word, level = pick([("V", "TRACE"), ("D", "DEBUG"), ("I", "INFO"), ("W", "WARN"),
                        ("E", "ERROR"), ("F", "FATAL")], n)
    tag = pick(["WindowManager", "art", "My Tag"], n)
    return (f"{stamp(t, '%m-%d %H:%M:%S', 3)} {n + 1000:>5} {n + 2000:>5} {word} {tag:<8}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], tag, [("pid", n + 1000), ("tid", n + 2000)]))


# fail2ban/server: %(asctime)s %(name)-24s[%(process)d]: %(levelname)-7s %(message)s
@form("fail2ban")
def fail2ban(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("DEBUG", "DEBUG"), ("INFO", "INFO"), ("NOTICE", "INFO"),
                        ("WARNING", "WARN"), ("ERROR", "ERROR"), ("CRITICAL", "FATAL")], n)
    module = pick(["fail2ban.filter", "fail2ban.actions", "fail2ban.server"], n)
    message = f"[sshd] Found {pick(CLIENTS, n)}" if n % 2 else MESSAGES[n]
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')} {module:<24}[{n + 1}]: {word:<7} {message}",
            record(t, level, message, module, [("pid", n + 1)]))


# ArcSight, "Common Event Format": escapes of bars in the head, of equals signs in the extension
@form("cef")
def cef(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("0", "INFO"), ("3", "INFO"), ("5", "WARN"), ("8", "ERROR"), ("10", "FATAL"),
                        ("Low", "INFO"), ("Medium", "WARN"), ("High", "ERROR"),
                        ("Very-High", "FATAL")], n)
    millis = int(shown(t)[20:23]) + int(t.replace(microsecond=0).timestamp()) * 1000
    name = MESSAGES[n]
    text = MESSAGES[(n + 7) % 20]
    client = pick(CLIENTS, n)

    def head(value):
        return value.replace("\\", "\\\\").replace("|", "\\|")

    def extension(value):
        return value.replace("\\", "\\\\").replace("=", "\\=")
    product = pick(["threatmanager", "a|b"], n)
    line = (f"CEF:0|Security|{head(product)}|1.0|{100 + n}|{head(name)}|{word}|rt={millis} "
            f"src={client} spt={n + 1} msg={extension(text)}")
    severity = int(word) if word.isdigit() else word
    return line, record(t, level, name, product, [
        ("vendor", "Security"), ("product_version", "1.0"), ("event_class", str(100 + n)),
        ("severity", severity), ("rt", millis), ("src", client), ("spt", n + 1), ("msg", text)])
