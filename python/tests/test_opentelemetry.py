"""The current span of OpenTelemetry in the records of a program that has imported it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Line

Program = Callable[..., tuple[list[Line], str]]

PROGRAM = """
import logging, sys
import logloom
logloom.init(dir=sys.argv[1], service="test")
log = logloom.get_logger("shop")
log.info("before the import")
assert "opentelemetry" not in sys.modules
from opentelemetry.sdk.trace import TracerProvider
tracer = TracerProvider().get_tracer("shop")
log.info("outside")
logloom.install(level=logging.INFO)
with tracer.start_as_current_span("request") as span:
    own = span.get_span_context()
    ids = f"{own.trace_id:032x} {own.span_id:016x}"
    log.info("within", expected=ids)
    logging.getLogger("web").info("standard", extra={"expected": ids})
    with logloom.context(user="ann"):
        log.info("scope", expected=ids)
    with logloom.context(trace_id="mine"):
        log.info("own trace")
    with tracer.start_as_current_span("inner") as inner:
        own = inner.get_span_context()
        log.info("inner", expected=f"{own.trace_id:032x} {own.span_id:016x}")
    log.info("again", expected=ids)
    header = f"00-{ids.replace(' ', '-')}-{int(span.get_span_context().trace_flags):02x}"
    assert logloom.traceparent() == header, logloom.traceparent()
    with logloom.context(user="ann"):
        assert logloom.traceparent() == header
    with logloom.trace():
        assert logloom.traceparent()[:36] == header[:36] and logloom.traceparent() != header
    with logloom.context(trace_id="mine"):
        assert logloom.traceparent() is None
assert logloom.traceparent() is None
log.info("after")
"""


def test_records_carry_the_ids_of_the_span(program: Program) -> None:
    pytest.importorskip("opentelemetry.sdk.trace", reason="opentelemetry-sdk is not installed")
    lines, _ = program(PROGRAM)
    by_message: dict[str, Any] = {line["message"]: line for line in lines}
    for message in ("within", "standard", "scope", "inner", "again"):
        line = by_message[message]
        assert f"{line['trace_id']} {line['span_id']}" == line["expected"], message
    assert by_message["scope"]["user"] == "ann"
    assert by_message["own trace"]["trace_id"] == "mine"
    assert "span_id" not in by_message["own trace"]
    for message in ("before the import", "outside", "after"):
        assert "trace_id" not in by_message[message], message


def test_a_program_without_it_never_imports_it(program: Program) -> None:
    text = """
import sys
import logloom
logloom.init(dir=sys.argv[1])
logloom.get_logger("shop").info("here")
logloom.shutdown()
assert not any(name.startswith("opentelemetry") for name in sys.modules)
"""
    lines, _ = program(text)
    assert [line["message"] for line in lines] == ["here"]
