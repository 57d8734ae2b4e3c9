"""The cost of a call on its caller: CPU of the calling thread, this package beside other loggers.

Rounds of all loggers alternate, and the median of their rounds is printed, so that what else the machine
does falls on all of them alike. Each writes JSON to a file, as its manual advises for speed.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import logging
import logging.handlers
import queue
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import logloom
from logloom.web.asgi import LoggingMiddleware

ROUNDS = 9
CALLS = 20_000
PLACE = Path(tempfile.mkdtemp(prefix="logloom-bench-"))

Call = Callable[[int], None]
Workload = dict[str, Call]


def optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not here and is left out", file=sys.stderr)
        return None


structlog, orjson, loguru, json_logger, picologging = map(
    optional, ["structlog", "orjson", "loguru", "pythonjsonlogger.json", "picologging"]
)


def run(call: Call, calls: int) -> float:
    """Microseconds of the thread's CPU for each call."""
    started = time.thread_time()
    call(calls)
    return (time.thread_time() - started) / calls * 1e6


def measure(title: str, goal: str, workload: Workload, calls: int = CALLS) -> None:
    found: dict[str, list[float]] = {name: [] for name in workload}
    for call in workload.values():
        run(call, calls // 10 + 1)
    for _ in range(ROUNDS):
        for name, call in workload.items():
            found[name].append(run(call, calls))
            logloom.flush(10)
    print(f"\n{title} (goal {goal})")
    for name, values in sorted(found.items(), key=lambda item: statistics.median(item[1])):
        print(f"  {name:34} {statistics.median(values):9.3f} us   min {min(values):9.3f}")


def standard(name: str, handler: logging.Handler) -> logging.Logger:
    logger = logging.Logger(name, logging.INFO)
    logger.addHandler(handler)
    return logger


def plain_file(name: str) -> logging.Handler:
    handler = logging.FileHandler(PLACE / name)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s %(filename)s:%(lineno)d %(message)s")
    )
    return handler


def with_fields() -> Workload:
    log = logloom.get_logger("bench")

    def ours(calls: int) -> None:
        for number in range(calls):
            log.info("signed in", user_id=number, latency_ms=7.5, ok=True, route="/login")

    workload: Workload = {"logloom door (a)": ours}
    bound = log.bind(service_version="1.2.3")

    def ours_in_context(calls: int) -> None:
        with logloom.context(request_id="r-1"):
            for number in range(calls):
                bound.info("signed in", user_id=number, latency_ms=7.5, ok=True, route="/login")

    workload["logloom, bound and in a context"] = ours_in_context
    if structlog and orjson:
        structlog.configure(
            cache_logger_on_first_use=True,
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(serializer=orjson.dumps),
            ],
            logger_factory=structlog.BytesLoggerFactory(file=(PLACE / "structlog").open("wb")),
        )
        peer = structlog.get_logger()

        def by_structlog(calls: int) -> None:
            for number in range(calls):
                peer.info("signed in", user_id=number, latency_ms=7.5, ok=True, route="/login")

        workload["structlog with orjson"] = by_structlog
    if json_logger:
        handler = logging.FileHandler(PLACE / "json")
        handler.setFormatter(json_logger.JsonFormatter("%(asctime)s %(levelname)s %(message)s"))
        with_json = standard("json", handler)

        def by_json(calls: int) -> None:
            for number in range(calls):
                fields = {"user_id": number, "latency_ms": 7.5, "ok": True, "route": "/login"}
                with_json.info("signed in", extra=fields)

        workload["python-json-logger"] = by_json
    if loguru:
        loguru.logger.remove()
        loguru.logger.add(PLACE / "loguru", serialize=True, level="INFO")

        def by_loguru(calls: int) -> None:
            for number in range(calls):
                loguru.logger.info(
                    "signed in", user_id=number, latency_ms=7.5, ok=True, route="/login"
                )

        workload["loguru, serialised"] = by_loguru
    return workload


def two_arguments(log: Any) -> Call:
    def call(calls: int) -> None:
        for number in range(calls):
            log.info("user %s took %d", "ann", number)

    return call


def standard_api() -> Workload:
    ours = logging.getLogger("bench.standard")

    def ours_in_context(calls: int) -> None:
        with logloom.context(request_id="r-1"):
            two_arguments(ours)(calls)

    through_handler = standard("handler", logloom.Handler())
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(waiting, plain_file("listened"))
    listener.start()
    workload: Workload = {
        "logloom door (b)": two_arguments(ours),
        "logloom door (b) in a context": ours_in_context,
        "logloom door (c), Handler": two_arguments(through_handler),
        "stdlib, no handler output": two_arguments(standard("null", logging.NullHandler())),
        "stdlib, FileHandler": two_arguments(standard("file", plain_file("plain"))),
        "stdlib, QueueListener": two_arguments(
            standard("queue", logging.handlers.QueueHandler(waiting))
        ),
    }
    if picologging:
        peer = picologging.Logger("peer", picologging.INFO)
        peer.addHandler(picologging.FileHandler(str(PLACE / "picologging")))
        workload["picologging, FileHandler"] = two_arguments(peer)
    return workload


def disabled() -> Workload:
    def debug(log: Any) -> Call:
        def call(calls: int) -> None:
            for number in range(calls):
                log.debug("not kept", number)

        return call

    def empty(calls: int) -> None:
        for _number in range(calls):
            pass

    return {
        "logloom door (a)": debug(logloom.get_logger("bench")),
        "logloom door (b)": debug(logging.getLogger("bench.standard")),
        "stdlib": debug(standard("off", logging.NullHandler())),
        "(the loop alone)": empty,
    }


def deep(levels: int) -> None:
    if levels == 0:
        raise ValueError("bad")
    deep(levels - 1)


def exceptions() -> Workload:
    log = logloom.get_logger("bench")
    stream = logging.StreamHandler(io.StringIO())
    other = standard("exceptions", stream)
    try:
        deep(10)
    except ValueError as raised:
        error = raised

    def ours(calls: int) -> None:
        for _ in range(calls):
            log.error("failed", exc_info=error)

    def theirs(calls: int) -> None:
        for _ in range(calls):
            other.error("failed", exc_info=error)

    return {"logloom door (a)": ours, "stdlib, formatted": theirs}


def requests() -> Workload:
    """An application that answers at once, by itself and behind the middleware."""
    given = {"type": "http.request", "body": b""}
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/cart/17",
        "query_string": b"",
        "headers": [(b"host", b"shop"), (b"user-agent", b"curl/8"), (b"accept", b"*/*")],
        "client": ("10.0.0.9", 4711),
    }

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    async def receive() -> Any:
        return given

    async def send(message: Any) -> None:
        del message

    def asked(application: Any) -> Call:
        async def ask(calls: int) -> None:
            for _ in range(calls):
                await application(scope, receive, send)

        return lambda calls: asyncio.run(ask(calls))

    return {
        "the application alone": asked(application),
        "logloom.web.asgi": asked(LoggingMiddleware(application)),
    }


def stalls(calls: int) -> None:
    """The longest calls by the clock, beside those of a loop that does nothing."""
    log = logloom.get_logger("bench")

    def logs(number: int) -> None:
        log.info("signed in", user_id=number, latency_ms=7.5, ok=True, route="/login")

    def nothing(number: int) -> None:
        del number

    print(f"\nstalls in {calls} calls (goal: p99.99 100 us, the longest 1 ms above the empty loop)")
    for name, call in {"logloom door (a)": logs, "(the loop alone)": nothing}.items():
        spent: list[int] = []
        for number in range(calls):
            started = time.perf_counter_ns()
            call(number)
            spent.append(time.perf_counter_ns() - started)
        spent.sort()
        high, longest = spent[calls - calls // 10_000] / 1e3, spent[-1] / 1e3
        print(f"  {name:34} p99.99 {high:9.1f} us   longest {longest:9.1f} us")


def sustained(calls: int) -> None:
    log = logloom.get_logger("bench")
    before = logloom.metrics()
    started = time.perf_counter()
    for number in range(calls):
        log.info("signed in", user_id=number, latency_ms=7.5, ok=True, route="/login")
    logloom.flush(60)
    spent = time.perf_counter() - started
    after = logloom.metrics()
    written, lost = after["lines"] - before["lines"], after["dropped"] - before["dropped"]
    print("\nsustained, one thread, drained (goal 1.2 M/s, nothing lost)")
    print(f"  {written / spent / 1e6:.2f} M records a second, {lost} lost")


def main() -> None:
    logloom.init(dir=PLACE / "log", settings={"overflow": {"default": "block"}})
    logloom.install(level="INFO")
    print(f"Python {sys.version.split()[0]}; CPU of the caller, median of {ROUNDS} rounds")
    measure("4 fields to JSON", "0.7 us", with_fields())
    measure("standard API, 2 arguments", "0.6 us", standard_api())
    measure("disabled", "0.08 us", disabled(), CALLS * 10)
    measure("exception with 11 frames", "10 us", exceptions(), 500)
    measure("a request by ASGI", "15 us above the application", requests())
    stalls(200_000)
    sustained(1_000_000)
    logloom.shutdown()
    shutil.rmtree(PLACE)


if __name__ == "__main__":
    main()
