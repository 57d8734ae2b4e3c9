"""Logging libraries in plain text, by the format strings of their manuals."""

from values import (MESSAGES, MOMENTS, OFFSETS, WORDS, YEARLESS, arrival, cut, pick, record, stamp,
                    zoned)

FORMS = {}


def form(name):
    """Registers what makes the line of this number."""
    return lambda maker: FORMS.setdefault(name, maker)


JAVA = [("TRACE", "TRACE"), ("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARN"),
        ("ERROR", "ERROR"), ("FATAL", "FATAL")]
PYTHON = [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "WARN"), ("ERROR", "ERROR"),
          ("CRITICAL", "FATAL")]
LOGGERS = ["com.example.App", "o.a.c.c.C.[Tomcat].[localhost]", "root", "a.b$Inner", "org.x_y.Z-1"]


# logback manual, chapter 6: %d{...} [%thread] %-5level %logger{36} - %msg%n
@form("logback")
def logback(n):
    t, (word, level), logger = cut(MOMENTS[n], 3), pick(JAVA, n), pick(LOGGERS, n)
    logger = logger.replace("[", "").replace("]", "")
    thread = pick(WORDS, n)
    head = stamp(t, "%Y-%m-%d %H:%M:%S", 3, pick(".,", n))
    return (f"{head} [{thread}] {word:<5} {logger} - {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger, [("thread", thread)]))


# logback without a configuration: %d{HH:mm:ss.SSS}, no date
@form("logback.basic")
def logback_basic(n):
    t, (word, level), thread = cut(MOMENTS[n], 3), pick(JAVA[:5], n), pick(WORDS, n)
    clock = stamp(t, "%H:%M:%S", 3)
    return (f"{clock} [{thread}] {word:<5} com.example.App - {MESSAGES[n]}",
            record(None, level, MESSAGES[n], "com.example.App",
                   [("thread", thread)] + arrival(clock)))


# Spring Boot reference, "Log Format"; the application name since 3.2
@form("spring-boot")
def spring_boot(n):
    t, (word, level), thread = cut(MOMENTS[n], 3), pick(JAVA, n), pick(WORDS, n)
    app = pick([None, "shop", "my-app"], n)
    name = f"[{app}] " if app else ""
    logger = pick(["com.example.MyApplication", "o.s.b.w.e.t.TomcatWebServer", "c.e.Cart"], n)
    head = pick([stamp(t, "%Y-%m-%dT%H:%M:%S", 3, tail="Z"), zoned(t, pick(OFFSETS, n)),
                 stamp(t, "%Y-%m-%d %H:%M:%S", 3)], n)
    return (f"{head} {word:>5} {100 + n} --- {name}[{thread:>15}] {logger:<40} : {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger,
                   [("pid", 100 + n), ("application", app), ("thread", thread)]))


# Hadoop's log4j.properties: %d{ISO8601} %p [%t] %c: %m%n
@form("log4j")
def log4j(n):
    t, (word, level), thread = cut(MOMENTS[n], 3), pick(JAVA, n), pick(WORDS, n)
    logger = pick(["org.apache.hadoop.mapreduce.v2.app.MRAppMaster", "a.B$C", "x"], n)
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')} {word} [{thread}] {logger}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger, [("thread", thread)]))


# log4j manual, the same with a dash: %d{ISO8601} %-5p [%t] %c - %m%n
@form("log4j.dash")
def log4j_dash(n):
    t, (word, level), thread = cut(MOMENTS[n], 3), pick(JAVA, n), pick(WORDS, n)
    logger = pick(["com.example.App", "a.B$C", "x"], n)
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')} {word:<5} [{thread}] {logger} - {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger, [("thread", thread)]))


# Python manual, logging HOWTO: %(asctime)s - %(name)s - %(levelname)s - %(message)s
@form("python-logging")
def python_logging(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(PYTHON, n)
    logger = pick(["root", "shop.cart", "__main__", "a-b"], n)
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')} - {logger} - {word} - {MESSAGES[n]}",
            record(t, level, MESSAGES[n], logger))


# Python manual, basicConfig: %(levelname)s:%(name)s:%(message)s
@form("python-basic")
def python_basic(n):
    word, level = pick(PYTHON, n)
    logger = pick(["root", "shop.cart", "__main__"], n)
    message = "" if n == 19 else MESSAGES[n]
    return f"{word}:{logger}:{message}", record(None, level, message, logger)


# loguru manual: {time:YYYY-MM-DD HH:mm:ss.SSS} | {level: <8} | {name}:{function}:{line} - {message}
@form("loguru")
def loguru(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick(PYTHON + [("TRACE", "TRACE"), ("SUCCESS", "INFO")], n)
    function = pick(["<module>", "pay", "run_forever"], n)
    head = stamp(t, "%Y-%m-%d %H:%M:%S", 3)
    return (f"{head} | {word:<8} | shop.cart:{function}:{n + 1} - {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "shop.cart", [("function", function), ("line", n + 1)]))


# Celery manual, worker_log_format: [%(asctime)s: %(levelname)s/%(processName)s] %(message)s
@form("celery")
def celery(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(PYTHON, n)
    process = pick(["MainProcess", "ForkPoolWorker-1", "Beat"], n)
    return (f"[{stamp(t, '%Y-%m-%d %H:%M:%S', 3, ',')}: {word}/{process}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "", [("process", process)]))


# gunicorn's glogging.py: %(asctime)s [%(process)d] [%(levelname)s] %(message)s
@form("gunicorn")
def gunicorn(n):
    t, (word, level) = cut(MOMENTS[n], 0), pick(PYTHON, n)
    head = zoned(t, pick(OFFSETS, n), "%Y-%m-%d %H:%M:%S ", 0, "")
    return (f"[{head}] [{7 + n}] [{word}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "", [("pid", 7 + n)]))


# uvicorn/logging.py: %(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s
@form("uvicorn")
def uvicorn(n):
    word, level = pick(PYTHON + [("TRACE", "TRACE")], n)
    if n % 2:
        return f"{word + ':':<10}{MESSAGES[n]}", record(None, level, MESSAGES[n])
    client = pick(["127.0.0.1:52414", "10.0.0.1:1", "[::1]:80"], n)
    status = pick([(200, "OK"), (404, "Not Found"), (500, "Internal Server Error")], n)
    path = pick(["/items?q=1", "/caf%C3%A9", "/"], n)
    message = f'{client} - "GET {path} HTTP/1.1" {status[0]} {status[1]}'
    return (f"{'INFO:':<10}{message}",
            record(None, "INFO", message, "", [("client", client), ("method", "GET"),
                                               ("path", path), ("status", status[0])]))


# Airflow's config_templates: [%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s
@form("airflow")
def airflow(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(PYTHON, n)
    head = zoned(t, pick(OFFSETS, n), digits=3, colon="")
    return (f"[{head}] {{taskinstance.py:{n + 1}}} {word} - {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "taskinstance.py", [("line", n + 1)]))


# Go, package log: LstdFlags, Lmicroseconds and Lshortfile; slog's default handler adds its level
@form("go-log")
def go_log(n):
    digits = pick([0, 6], n)
    t = cut(MOMENTS[n], digits)
    place = n % 3 == 1
    word, level = pick([("", "INFO"), ("ERROR ", "ERROR"), ("WARN ", "WARN"), ("DEBUG ", "DEBUG"),
                        ("INFO ", "INFO")], n)
    middle = f"main.go:{n + 1}: " if place else ""
    fields = [("line", n + 1)] if place else []
    return (f"{stamp(t, '%Y/%m/%d %H:%M:%S', digits)} {middle}{word}{MESSAGES[n]}",
            record(t, level, MESSAGES[n], "main.go" if place else "", fields))


# klog and glog: Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg
@form("glog")
def glog(n):
    t, (word, level) = YEARLESS[n], pick([("I", "INFO"), ("W", "WARN"), ("E", "ERROR"),
                                         ("F", "FATAL"), ("D", "DEBUG")], n)
    day = pick(["%m%d", "%m%d", "%Y%m%d"], n)
    return (f"{word}{stamp(t, day + ' %H:%M:%S', 6)} {n + 1:>7} reflector.go:{n + 100}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n], "reflector.go", [("thread", n + 1), ("line", n + 100)]))


# env_logger, default format: [timestamp LEVEL target] message
@form("env-logger")
def env_logger(n):
    digits = pick([0, 3, 6, 9], n)
    t, (word, level) = cut(MOMENTS[n], digits), pick(JAVA[:5], n)
    target = pick(["app", "app::disk", "hyper::proto::h1"], n)
    return (f"[{stamp(t, '%Y-%m-%dT%H:%M:%S', digits, tail='Z')} {word:<5} {target}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n], target))


# tracing_subscriber::fmt without colours
@form("tracing")
def tracing(n):
    t, (word, level) = MOMENTS[n], pick(JAVA[:5], n)
    target = pick(["app", "app::disk", "tower_http::trace"], n)
    return (f"{stamp(t, '%Y-%m-%dT%H:%M:%S', 6, tail='Z')} {word:>5} {target}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], target))


# logfmt as go-kit, slog's TextHandler and logrus write it
@form("logfmt")
def logfmt(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("info", "INFO"), ("WARN", "WARN"), ("error", "ERROR"), ("debug", "DEBUG"),
                        ("fatal", "FATAL"), ("trace", "TRACE")], n)
    key = pick(["time", "ts"], n)
    escaped = MESSAGES[n].replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    line = (f'{key}={zoned(t, pick(OFFSETS, n))} level={word} msg="{escaped}" '
            f'component=cart n={n} ratio={n}.5 empty= path="/a b"')
    return line, record(t, level, MESSAGES[n], "cart",
                        [("n", n), ("ratio", n + 0.5), ("path", "/a b")])


# Ruby's Logger::Formatter: "%s, [%s #%d] %5s -- %s: %s\n"
@form("ruby-logger")
def ruby_logger(n):
    t = MOMENTS[n]
    word, level = pick([("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARN"), ("ERROR", "ERROR"),
                        ("FATAL", "FATAL"), ("ANY", "INFO")], n)
    program = pick(["", "rails", "my_program"], n)
    head = stamp(t, "%Y-%m-%dT%H:%M:%S", 6)
    return (f"{word[0]}, [{head} #{n + 1}] {word:>5} -- {program}: {MESSAGES[n]}",
            record(t, level, MESSAGES[n], program, [("pid", n + 1)]))


# Monolog's LineFormatter: [%datetime%] %channel%.%level_name%: %message% %context% %extra%\n
@form("monolog")
def monolog(n):
    t = MOMENTS[n]
    word, level = pick([("DEBUG", "DEBUG"), ("INFO", "INFO"), ("NOTICE", "INFO"),
                        ("WARNING", "WARN"), ("ERROR", "ERROR"), ("CRITICAL", "FATAL"),
                        ("ALERT", "FATAL"), ("EMERGENCY", "FATAL")], n)
    context = pick(["", ' {"user":7}'], n)
    return (f"[{zoned(t, pick(OFFSETS, n), digits=6)}] app.{word}: {MESSAGES[n]}"
            f"{context or ' []'} []",
            record(t, level, MESSAGES[n] + context, "app"))


# Serilog.Sinks.File: {Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj}
@form("serilog")
def serilog(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("VRB", "TRACE"), ("DBG", "DEBUG"), ("INF", "INFO"), ("WRN", "WARN"),
                        ("ERR", "ERROR"), ("FTL", "FATAL")], n)
    head = zoned(t, pick(OFFSETS, n), "%Y-%m-%d %H:%M:%S")
    return (f"{head[:-6]} {head[-6:]} [{word}] {MESSAGES[n]}",
            record(t, level, MESSAGES[n]))


# NLog, default layout: ${longdate}|${level:uppercase=true}|${logger}|${message}
@form("nlog")
def nlog(n):
    t = cut(MOMENTS[n], 4)
    word, level = pick(JAVA, n)
    logger = pick(["App.Program", "Microsoft.Hosting.Lifetime", "a"], n)
    message = "" if n == 3 else MESSAGES[n]
    return (f"{stamp(t, '%Y-%m-%d %H:%M:%S', 4)}|{word}|{logger}|{message}",
            record(t, level, message, logger))


# Elixir's Logger, default pattern: $time $metadata[$level] $message
@form("elixir-logger")
def elixir_logger(n):
    t = cut(MOMENTS[n], 3)
    word, level = pick([("debug", "DEBUG"), ("info", "INFO"), ("notice", "INFO"),
                        ("warning", "WARN"), ("error", "ERROR"), ("critical", "FATAL"),
                        ("alert", "FATAL"), ("emergency", "FATAL")], n)
    clock = stamp(t, "%H:%M:%S", 3)
    return (f"{clock} [{word}] {MESSAGES[n]}",
            record(None, level, MESSAGES[n], "", arrival(clock)))


# Supervisor's options.py: %(asctime)s %(levelname)s %(message)s; and what programs make of it
@form("leveled")
def leveled(n):
    t, (word, level) = cut(MOMENTS[n], 3), pick(PYTHON, n)
    head = stamp(t, "%Y-%m-%d %H:%M:%S", 3, ",")
    message = MESSAGES[n] if n != 10 else "plain"
    return (pick([f"{head} {word} {message}", f"[{head}] [{word.lower()}] {message}",
                  f"{head} - {word} - {message}", f"{head} {word}: {message}"], n),
            record(t, level, message))
