"""``dict_config``, ``JSONFormatter``, ``AsyncQueueHandler``, ``MetricsRegistry``, ``catch`` and the unified logger."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import logging.config
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Lines

import logloom
from logloom.compat import UnifiedLogger, UnifiedLoggerFactory

# As a project had it for its own classes.
YAML = """
version: 1
disable_existing_loggers: false

formatters:
  standard:
    format: '%(asctime)s - %(name)s - %(levelname)s - [%(filename)s:%(lineno)d] - %(message)s'
  json:
    class: pythonjsonlogger.jsonlogger.JsonFormatter
    format: '%(asctime)s %(name)s %(levelname)s %(message)s %(pathname)s %(lineno)d %(threadName)s'

handlers:
  console:
    class: logging.StreamHandler
    level: INFO
    formatter: standard
    stream: ext://sys.stdout

  async_file:
    class: logging.handlers.RotatingFileHandler
    level: DEBUG
    formatter: json
    filename: logs/app.log
    maxBytes: 10485760
    backupCount: 7
    encoding: utf8

  ai_responses:
    class: backend_python.logging.handlers.AIRotatingFileHandler
    level: INFO
    formatter: json
    base_path: data/ai_responses
    maxBytes: 104857600
    backupCount: 30
    compression: gzip

loggers:
  wechat_backend:
    level: DEBUG
    handlers: [console, async_file]
    propagate: false

  wechat_backend.ai:
    level: INFO
    handlers: [async_file, ai_responses]
    propagate: false

  security:
    level: WARNING
    handlers: [async_file]
    propagate: false

root:
  level: INFO
  handlers: [console, async_file]
"""


@pytest.fixture
def clean() -> Iterator[None]:
    """``logging`` as it was, afterwards."""
    root = logging.root
    before, level = root.handlers[:], root.level
    yield
    for logger in [root, *(logging.getLogger(name) for name in list(root.manager.loggerDict))]:
        if logger is root or logger.name.startswith(("wechat_backend", "security")):
            for handler in logger.handlers[:]:
                logger.removeHandler(handler)
    root.setLevel(level)
    for handler in before:
        root.addHandler(handler)


def test_a_configuration_with_files_of_its_own_loads_as_it_stands(
    lines: Lines, tmp_path: Path, clean: None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "logging.yaml"
    path.write_text(YAML)
    notes = logloom.dict_config(path)
    assert notes == [
        "handlers.ai_responses: the log takes the place of "
        "base_path, maxBytes, backupCount, compression",
        "handlers.async_file: the log takes the place of filename, encoding, maxBytes, backupCount",
    ]
    logging.getLogger("wechat_backend.api").debug("to the file alone")
    logging.getLogger("wechat_backend").info("to both")
    logging.getLogger("wechat_backend.ai").info("answer of %d tokens", 17, extra={"model": "m"})
    logging.getLogger("wechat_backend.ai").debug("below its level")
    logging.getLogger("security").info("below its level")
    logging.getLogger("elsewhere").warning("by the root")
    read = lines()
    assert [(line["message"], line["stream"]) for line in read] == [
        ("to the file alone", "async_file"),
        ("to both", "async_file"),
        ("answer of 17 tokens", ["async_file", "ai_responses"]),
        ("by the root", "async_file"),
    ]
    assert read[2]["model"] == "m"
    printed = capsys.readouterr().out
    assert "wechat_backend - INFO - [test_config.py:" in printed and "file alone" not in printed


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"handler": {}}, "handler: is not known; did you mean 'handlers'?"),
        ({"formatters": {"a": {"fmt": "%(message)s"}}}, "formatters.a.fmt: is not known; did"),
        ({"loggers": {"a": {"handlers": ["konsole"]}}}, "loggers.a.handlers: 'konsole' is no"),
        ({"loggers": {"a": {"levels": "INFO"}}}, "did you mean 'level'?"),
        ({"handlers": {"a": "x"}}, "handlers.a: must hold keys, not 'x'"),
        ({"handlers": []}, None),
        ({"handlers": [1]}, "handlers: must hold named sections"),
    ],
)
def test_a_wrong_key_is_told_with_its_place(
    lines: Lines, change: dict[str, Any], told: str | None, clean: None
) -> None:
    console = {"class": "logging.StreamHandler"}
    config: dict[str, Any] = {"version": 1, "handlers": {"console": console}, **change}
    before = json.dumps(config)
    if told is None:
        logloom.dict_config({**config, "disable_existing_loggers": False})
    else:
        with pytest.raises(logloom.ConfigError) as caught:
            logloom.dict_config(config)
        assert told in str(caught.value)
    assert json.dumps(config) == before


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "logging.yaml"
    with pytest.raises(logloom.ConfigError, match="cannot be read"):
        logloom.dict_config(path)
    for text in ("version: [1", "- a", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")):
        path.write_text(text, "latin-1")
        with pytest.raises(logloom.ConfigError, match="logging.yaml"):
            logloom.dict_config(path)


def test_a_line_of_the_formatter_is_that_of_the_log(lines: Lines) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        logloom.JSONFormatter(
            service="shop", labels={"zone": "a"}, mask=["iban"], patterns=[r"order-\d+"]
        )
    )
    logger = logging.Logger("shop.pay")
    logger.addHandler(handler)
    with logloom.context(trace_id="4bf92f3577b34da6a3ce929d0e0e4736"):
        try:
            raise ValueError("no such card")
        except ValueError:
            logger.exception(
                "paid %s with AKIAQWERTYUIOPASDFGH",
                "order-17",
                extra={"iban": "DE02", "password": "hunter2", "user": {"token": "t0k3n-s3cr3t"}},
            )
    logger.warning("%d", "no number")
    first, second = map(json.loads, stream.getvalue().splitlines())
    order = ["timestamp", "level", "service", "module", "message", "file", "line"]
    assert list(first)[:7] == order and first["timestamp"].endswith("Z")
    assert (first["level"], first["module"]) == ("ERROR", "shop.pay")
    assert first["message"].startswith("paid [MASKED] with AKIA***[MASKED")
    assert first["exception"]["message"] == "no such card" and first["exception"]["frames"]
    assert first["labels"] == {"zone": "a"} and first["trace_id"].startswith("4bf9")
    text = stream.getvalue()
    assert not any(word in text for word in ("hunter2", "DE02", "t0k3n", "QWERTY", "order-17"))
    assert "UNFORMATTED" in second["message"]


def test_a_policy_is_set_by_any_of_its_names(lines: Lines) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"a": {"class": "logloom.AsyncQueueHandler", "full_policy": "Block"}},
            "loggers": {"test.queue": {"handlers": ["a"], "level": "INFO"}},
        }
    )
    logger = logging.getLogger("test.queue")
    logger.info("kept")
    assert isinstance(logger.handlers[0], logloom.AsyncQueueHandler)
    for policy in ("Discard", "discard_low_level", "DropOldest", "block_with_timeout"):
        logloom.AsyncQueueHandler(policy, timeout=1.5)
    with pytest.raises(ValueError, match="did you mean"):
        logloom.AsyncQueueHandler("Discart")
    with pytest.raises(ValueError, match="timeout"):
        logloom.AsyncQueueHandler("Block", timeout=-1)
    logger.handlers.clear()
    assert [line["message"] for line in lines()] == ["kept"]


FLOOD = """
import sys, logging, logloom
logloom.init(dir=sys.argv[1], settings={"ring.per_thread": "64KiB"})
handler = logloom.AsyncQueueHandler(sys.argv[2])
log = logging.Logger("flood")
log.addHandler(handler)
for number in range(30_000):
    log.info("x" * 500)
    if number % 100 == 0:
        log.error("kept", extra={"step": number})
registry = logloom.MetricsRegistry()
logloom.flush(30)
print(f"dropped={registry.get('pylog_events_dropped_total')};", file=sys.stderr)
"""


@pytest.mark.parametrize("policy", ["Discard", "Block"])
def test_what_is_dropped_is_counted_and_errors_never_are(program: Any, policy: str) -> None:
    lines, errors = program(FLOOD, policy)
    dropped = int(errors.partition("dropped=")[2].partition(";")[0])
    kept = sum(1 for line in lines if line["message"].startswith("x"))
    assert kept + dropped == 30_000
    assert dropped == 0 or policy == "Discard"
    steps = [line["step"] for line in lines if line["message"] == "kept"]
    assert steps == list(range(0, 30_000, 100))


def test_figures_have_their_names(lines: Lines) -> None:
    registry = logloom.MetricsRegistry()
    assert set(registry.get_metrics()) == {
        "pylog_queue_size",
        "pylog_events_dropped_total",
        "pylog_failover_switch_total",
    }
    assert "# TYPE pylog_queue_size gauge\n" in registry.expose()
    assert "logloom_events_total{level=" in registry.expose()
    with pytest.raises(KeyError, match="pylog_queue_size"):
        registry.get("queue")


def test_what_is_caught_is_logged(lines: Lines) -> None:
    log = logloom.get_logger("test.catch")

    @log.catch
    def plain() -> int:
        raise ValueError("plain")

    @log.catch(KeyError, message="no key", level="WARNING", default=7)
    def selective(error: Exception) -> int:
        raise error

    @log.catch(reraise=True)
    async def coroutine() -> None:
        raise OSError("async")

    @log.catch()
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("generator")

    assert plain() is None
    assert selective(KeyError("k")) == 7
    with pytest.raises(ValueError, match="other"):
        selective(ValueError("other"))
    with pytest.raises(OSError):
        asyncio.run(coroutine())
    assert list(numbers()) == [1]
    with log.catch(message="in a block"):
        raise RuntimeError("block")
    read = [(one["level"], one["message"], one["exception"]["message"]) for one in lines()]
    usual = "an exception was caught"
    assert read == [
        ("ERROR", usual, "plain"),
        ("WARN", "no key", "'k'"),
        ("ERROR", usual, "async"),
        ("ERROR", usual, "generator"),
        ("ERROR", "in a block", "block"),
    ]
    with pytest.raises(SystemExit):
        with log.catch():
            sys.exit(1)


def test_the_unified_logger(lines: Lines) -> None:
    log = UnifiedLoggerFactory().get_logger("wechat_backend.api.ai")
    assert UnifiedLoggerFactory() is UnifiedLoggerFactory() and isinstance(log, UnifiedLogger)

    def work() -> dict[str, str]:
        ids = log.set_trace_context()
        log.info("asked", endpoint="/api/ai/chat", latency_ms=234)
        log.log(logging.WARNING, "slow")
        try:
            raise TimeoutError("no answer")
        except TimeoutError as error:
            log.error("failed", error=str(error), exc_info=True)
        return ids

    import contextvars

    ids = contextvars.copy_context().run(work)
    asked, slow, failed = lines()
    assert asked["trace_id"] == ids["trace_id"] and slow["span_id"] == ids["span_id"]
    assert asked["endpoint"] == "/api/ai/chat" and asked["file"] == __file__
    assert slow["level"] == "WARN" and failed["exception"]["type"] == "TimeoutError"


UNIFIED = """
import sys, logging
from logloom.compat import UnifiedLoggerFactory
factory = UnifiedLoggerFactory()
factory.initialize(log_dir=sys.argv[1])
factory.initialize(log_dir="elsewhere")
factory.get_logger("shop").info("by the factory", n=1)
logging.getLogger("lib").debug("by a library")
factory.shutdown()
"""


def test_the_factory_starts_all_of_it_once(program: Any) -> None:
    lines, errors = program(UNIFIED)
    assert [line["message"] for line in lines] == ["by the factory", "by a library"]
    assert '"by the factory"' in errors and "by a library" not in errors
