"""The properties of log4j, as they stand in projects, taken by ``dict_config``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Lines

import logloom
from logloom._properties import configuration
from logloom.config import ConfigError

FIRST = r"""
# A service as it was set up for log4j 1.
app.home = /var/app
log4j.rootLogger=INFO, console, file

log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.Target=System.err
log4j.appender.console.Threshold=WARN
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p [%t] %c{1}:%L - %m%n

log4j.appender.file=org.apache.log4j.RollingFileAppender
log4j.appender.file.File=${app.home}/logs/app.log
log4j.appender.file.MaxFileSize=10MB
log4j.appender.file.MaxBackupIndex=5
log4j.appender.file.layout=org.apache.log4j.PatternLayout
log4j.appender.file.layout.ConversionPattern=%d %p \
    %c %m%n

log4j.appender.mail=org.apache.log4j.net.SMTPAppender
log4j.logger.shop.payments=DEBUG, file, mail
log4j.additivity.shop.payments=false
log4j.category.noisy=ERROR
"""

SECOND = """
status = warn
property.folder = logs
appender.out.type = Console
appender.out.name = STDOUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} [%t] %-5level %logger{36} - %msg%n
appender.rolling.type = RollingFile
appender.rolling.name = FILE
appender.rolling.fileName = ${folder}/app.log
appender.rolling.policies.size.size = 100 MB
rootLogger.level = warn
rootLogger.appenderRef.out.ref = STDOUT
rootLogger.appenderRef.file.ref = FILE
logger.pay.name = shop.payments
logger.pay.level = trace
logger.pay.additivity = false
logger.pay.appenderRef.file.ref = FILE
"""


@pytest.fixture
def quiet() -> Iterator[None]:
    """Gives ``logging`` back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    for name in ("shop.payments", "noisy"):
        logger = logging.getLogger(name)
        logger.handlers, logger.level, logger.propagate = [], logging.NOTSET, True


def test_the_first_generation_is_read() -> None:
    config, notes = configuration(FIRST, {})
    assert notes == [
        "appender mail: org.apache.log4j.net.SMTPAppender has no counterpart and is left out"
    ]
    assert config["root"] == {"level": "INFO", "handlers": ["console", "file"]}
    assert config["handlers"]["console"] == {
        "class": "logging.StreamHandler",
        "stream": "ext://sys.stderr",
        "formatter": "console",
        "level": "WARNING",
    }
    assert config["handlers"]["file"] == {
        "class": "logging.handlers.RotatingFileHandler",
        "filename": "/var/app/logs/app.log",
        "maxBytes": 10 << 20,
        "formatter": "file",
    }
    formats = {name: one["format"] for name, one in config["formatters"].items()}
    assert formats["console"] == (
        "%(asctime)s %(levelname)-5s [%(threadName)s] %(name)s:%(lineno)d - %(message)s"
    )
    assert formats["file"] == "%(asctime)s %(levelname)s %(name)s %(message)s"
    assert config["loggers"] == {
        "shop.payments": {"level": "DEBUG", "handlers": ["file"], "propagate": False},
        "noisy": {"level": "ERROR", "handlers": []},
    }


def test_the_second_generation_is_read() -> None:
    config, notes = configuration(SECOND, {})
    assert notes == []
    assert config["root"] == {"level": "WARNING", "handlers": ["STDOUT", "FILE"]}
    assert config["handlers"]["FILE"]["filename"] == "logs/app.log"
    assert config["handlers"]["FILE"]["maxBytes"] == 100 << 20
    assert config["loggers"] == {
        "shop.payments": {"level": 5, "handlers": ["FILE"], "propagate": False}
    }
    assert config["formatters"]["STDOUT"]["format"] == (
        "%(asctime)s [%(threadName)s] %(levelname)-5s %(name)s - %(message)s"
    )


@pytest.mark.usefixtures("quiet")
def test_files_become_the_log(
    lines: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log4j.properties"
    path.write_text(FIRST)
    notes = logloom.dict_config(path)
    assert len(notes) == 2 and notes[1].startswith("handlers.file: the log takes the place of")
    logging.getLogger("shop.payments").debug("paid")
    logging.getLogger("noisy").warning("unheard")
    logging.getLogger("shop").warning("heard on both ways")
    found = [(line["message"], line["stream"]) for line in lines()]
    assert found == [("paid", "file"), ("heard on both ways", "file")]
    sys.stderr.flush()
    assert "WARNING" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a=b\n", "no settings of log4j"),
        ("log4j.rootLogger=LOUD\n", "log4j.rootLogger: 'LOUD' is no level"),
        ("log4j.rootLogger=INFO, file\n", "there is no appender 'file'"),
        ("log4j.rootLogger=INFO\nlog4j.appender.a.File=x\n", "log4j.appender.a: has no class"),
        ("rootLogger.level=info\nlogger.a.level=info\n", "logger.a.name: is not set"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "log4j.properties"
    path.write_text(text)
    with pytest.raises(ConfigError, match="log4j.properties: .*") as error:
        logloom.dict_config(path)
    assert told in str(error.value)


def test_lines_are_read_as_java_reads_them() -> None:
    text = (
        "log4j.rootLogger : INFO,\\\n   a\n! a remark\nlog4j.appender.a   x.ConsoleAppender\n"
        "log4j.logger.caf\\u00e9\\:1=${LEVEL:-WARN}\nlog4j.logger.set=${LEVEL_OF_SET}\n"
    )
    config, _ = configuration(text, {"LEVEL_OF_SET": "error"})
    assert config["root"]["handlers"] == ["a"]
    assert config["loggers"]["café:1"]["level"] == "WARNING"
    assert config["loggers"]["set"]["level"] == "ERROR"


def first_with(**more: str) -> str:
    entries = {
        "log4j.rootLogger": "INFO, file",
        "log4j.appender.file": "org.apache.log4j.RollingFileAppender",
        **{f"log4j.appender.file.{key.replace('_', '.')}": value for key, value in more.items()},
    }
    return "\n".join(f"{key}={value}" for key, value in entries.items())


@pytest.mark.parametrize(
    "entry",
    [
        "a=${a}" + "${a}" * 20,
        "a=${b}${b}\nb=${a}${a}" + "x" * 1000,
        "a=" + "${b}" * 5000 + "\nb=" + "x" * 60_000,
    ],
)
def test_a_value_that_grows_without_bounds_is_told(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "log4j.properties"
    path.write_text(first_with() + "\n" + entry)
    with pytest.raises(ConfigError, match=r"log4j\.properties: [ab]: is longer than 65536"):
        logloom.dict_config(path)


def test_odd_patterns_and_sizes_raise_nothing(tmp_path: Path, lines: Lines) -> None:
    pattern = "layout_ConversionPattern"
    for number, (given, made) in enumerate(
        [("hello", "hello"), ("100% sure %m", "100%% sure %(message)s"), ("%", "%%")]
    ):
        config, _ = configuration(first_with(**{pattern: given, "MaxFileSize": "9" * 5000}))
        assert config["formatters"]["file"]["format"] == made
        name = tmp_path / f"{number}.properties"
        name.write_text(first_with(**{pattern: given}))
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        logloom.dict_config(name)
        root.handlers[:], root.level = before, level
    wide, _ = configuration(first_with(**{pattern: "%999999999999p"}))
    assert wide["formatters"]["file"]["format"] == "%(levelname)999s"
