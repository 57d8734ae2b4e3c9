"""Requests of web applications: bare ASGI, FastAPI behind a real server, Django by both of its chains."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Line, Lines, lines_of

import logloom
from logloom.web import Options, add_request_fields, log_api_call
from logloom.web._request import client_address, request_id
from logloom.web.asgi import LoggingMiddleware
from logloom.web.django import logging_settings
from logloom.web.outgoing import add_headers

log = logloom.get_logger("test.web")
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def ask(
    app: Any,
    path: str = "/",
    *,
    headers: list[tuple[bytes, bytes]] | None = None,
    received: list[dict[str, Any]] | None = None,
    kind: str = "http",
    fails: bool = False,
    options: Options | None = None,
    **scope: Any,
) -> list[dict[str, Any]]:
    """One call of an application; gives what it sent."""
    messages = iter(received or [{"type": "http.request", "body": b"abc"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(dict(message))

    full = {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"a=1",
        "headers": headers or [],
        "client": ("10.0.0.9", 1),
        **scope,
    }

    async def run() -> None:
        await LoggingMiddleware(app, options)(full, receive, send)

    if fails:
        with pytest.raises(ZeroDivisionError):
            asyncio.run(run())
    else:
        asyncio.run(run())
    return sent


def answering(status: int = 200, parts: tuple[bytes, ...] = (b"hello",)) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        log.info("within")
        add_request_fields(cart=3)
        await send({"type": "http.response.start", "status": status, "headers": []})
        for number, part in enumerate(parts, 1):
            more = number < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    return app


def test_a_request_is_one_record_and_its_ids_are_on_all(lines: Lines) -> None:
    headers = [
        (b"x-request-id", b"r-17"),
        (b"traceparent", PARENT.encode()),
        (b"user-agent", b"curl/8"),
    ]
    sent = ask(answering(parts=(b"hel", b"lo")), "/cart", headers=headers)
    within, request = lines()
    assert request["message"] == "GET /cart 200" and request["level"] == "INFO"
    assert (request["method"], request["path"], request["status"]) == ("GET", "/cart", 200)
    assert (request["request_bytes"], request["response_bytes"]) == (3, 5)
    assert 0 <= request["ttfb_ms"] <= request["duration_ms"]
    assert request["query"] == "a=1" and request["user_agent"] == "curl/8"
    assert request["request"] == {"cart": 3}
    for line in (within, request):
        assert (line["request_id"], line["ip"]) == ("r-17", "10.0.0.9")
        assert line["trace_id"] == PARENT.split("-")[1] and line["span_id"] != PARENT.split("-")[2]
    assert (b"x-request-id", b"r-17") in sent[0]["headers"]
    assert logloom.current_context() == {}


@pytest.mark.parametrize(
    ("status", "path", "level"),
    [
        (204, "/", "INFO"),
        (302, "/", "INFO"),
        (404, "/", "INFO"),
        (403, "/", "WARN"),
        (503, "/", "ERROR"),
        (200, "/healthz", "DEBUG"),
        (500, "/healthz", "ERROR"),
    ],
)
def test_the_level_is_that_of_the_status(lines: Lines, status: int, path: str, level: str) -> None:
    ask(answering(status), path)
    assert lines()[-1]["level"] == level


def test_slow_ones_are_warnings_and_begins_are_told_where_wanted(lines: Lines) -> None:
    ask(answering(), options=Options(slow_ms=0.0, with_start=True, logger="web"))
    begun, _, request = lines()
    assert (begun["event"], begun["level"], begun["module"]) == (
        "http.server.start",
        "DEBUG",
        "web",
    )
    assert request["level"] == "WARN"


def test_exceptions_pass_and_are_told(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("no")

    ask(app, fails=True)
    (request,) = lines()
    assert (request["level"], request["status"]) == ("ERROR", 500)
    assert request["exception"]["type"] == "ZeroDivisionError"


def test_a_client_that_is_gone_is_no_error(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        if (await receive())["type"] == "http.disconnect":
            raise ZeroDivisionError("nobody listens")

    received = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
    ask(app, received=received, fails=True)
    (request,) = lines()
    assert (request["level"], request["status"]) == ("INFO", 499)
    assert "exception" not in request


def test_a_connection_of_a_web_socket_is_one_record(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hé"})
        assert (await receive())["text"] == "abcd"
        assert (await receive())["type"] == "websocket.disconnect"

    received = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "abcd"},
        {"type": "websocket.disconnect", "code": 1001},
    ]
    options = Options(slow_ms=0.0)
    ask(app, "/ws", kind="websocket", received=received, method="WEBSOCKET", options=options)
    (line,) = lines()
    assert (line["level"], line["status"], line["path"]) == ("INFO", 101, "/ws")
    assert (line["request_bytes"], line["response_bytes"]) == (4, 3)
    assert line["request"] == {
        "messages_received": 1,
        "messages_sent": 1,
        "close_code": 1001,
        "closed_by": "client",
    }


def test_a_failed_start_is_told(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    ask(app, kind="lifespan")
    (line,) = lines()
    assert (line["level"], line["why"]) == ("ERROR", "no database")


def test_ids_that_could_do_harm_are_not_taken() -> None:
    assert request_id("a-1_B.c") == "a-1_B.c"
    for harmful in ("a\nb", "", "x" * 129, "ä", "a b", None):
        made = request_id(harmful)
        assert len(made) == 36 and made[14] == "7" and made[19] in "89ab"
    assert request_id(None) < request_id(None) or request_id(None) != request_id(None)


def test_only_own_proxies_are_believed() -> None:
    forwarded = "6.6.6.6, 1.2.3.4, 10.0.0.1"
    assert client_address("10.0.0.2", forwarded, 0) == "10.0.0.2"
    assert client_address("10.0.0.2", forwarded, 1) == "10.0.0.1"
    assert client_address("10.0.0.2", forwarded, 2) == "1.2.3.4"
    assert client_address("10.0.0.2", forwarded, 9) == "6.6.6.6"
    assert client_address("10.0.0.2", None, 1) == "10.0.0.2"
    assert client_address(None, None, 0) is None


def test_headers_go_on_to_other_services(lines: Lines) -> None:
    with logloom.trace(PARENT, request_id="r-1"):
        target: dict[str, str] = {"x-request-id": "own"}
        add_headers(target)
        assert target["traceparent"].startswith("00-4bf92f35") and target["x-request-id"] == "own"
    bare: dict[str, str] = {}
    add_headers(bare)
    assert bare == {}


def test_calls_are_told(lines: Lines) -> None:
    @log_api_call(args=True, result=True)
    def login(user: str, password: str) -> str:
        return user.upper()

    @log_api_call
    async def slow() -> None:
        raise KeyError("k")

    @log_api_call(slow_ms=-1.0)
    def numbers() -> Iterator[int]:
        yield 1

    assert login("ann", password="hunter2") == "ANN"
    with pytest.raises(KeyError):
        asyncio.run(slow())
    assert list(numbers()) == [1]
    first, second, third = lines()
    assert first["result"] == "ANN" and first["args"]["user"] == "ann"
    assert "hunter2" not in str(first) and first["module"] == __name__
    assert (second["level"], second["exception"]["type"]) == ("ERROR", "KeyError")
    assert third["level"] == "WARN" and "numbers took" in third["message"]


SERVICE = """
import sys
import uvicorn
from fastapi import FastAPI, Depends
from fastapi.responses import StreamingResponse
import logging, logloom
from logloom.web.asgi import setup_fastapi_logging
app = FastAPI()
setup_fastapi_logging(app, service="api", dir=sys.argv[1], level="DEBUG")
@app.get("/items/{number}")
def item(number: int):
    logging.getLogger("shop").info("item %d", number)
    return {"number": number}
@app.get("/stream")
def stream():
    return StreamingResponse((b"x" * 1000 for _ in range(5)))
@app.get("/fails")
def fails():
    raise ValueError("no such thing")
config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
server = uvicorn.Server(config)
import asyncio, threading
async def main():
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), setattr(server, "should_exit", True)), daemon=True).start()
    await task
asyncio.run(main())
"""


def test_fastapi_behind_a_real_server(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    httpx = pytest.importorskip("httpx")
    source = tmp_path / "service.py"
    source.write_text(SERVICE)
    server = subprocess.Popen(
        [sys.executable, str(source), str(tmp_path / "log")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None and server.stdin is not None
    try:
        base = f"http://127.0.0.1:{int(server.stdout.readline())}"
        with httpx.Client(base_url=base, headers={"x-request-id": "r-1"}) as client:
            for number in range(50):
                assert client.get(f"/items/{number}").json() == {"number": number}
            assert len(client.get("/stream").content) == 5000
            # The server closes the connection after it.
            assert client.get("/fails", headers={"connection": "close"}).status_code == 500
            assert client.get("/items/none").status_code == 422
    finally:
        server.stdin.close()
        assert server.wait(30) == 0
        server.stdout.close()
    lines = lines_of(tmp_path / "log")
    requests = [line for line in lines if line.get("event") == "http.server.request"]
    items = [line for line in requests if line.get("route") == "/items/{number}"]
    assert [line["status"] for line in items] == [200] * 50 + [422]
    assert {line["request_id"] for line in requests} == {"r-1"}
    within = [line for line in lines if line["module"] == "shop"]
    assert [line["trace_id"] for line in within] == [line["trace_id"] for line in items[:50]]
    (stream,) = [line for line in requests if line["path"] == "/stream"]
    assert stream["response_bytes"] == 5000
    (failed,) = [line for line in requests if line["path"] == "/fails"]
    assert failed["level"] == "ERROR" and failed["exception"]["message"] == "no such thing"
    assert not any(line["module"] == "uvicorn.access" for line in lines)


DJANGO = """
import asyncio, sys
import django
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
import logloom
from logloom.web import Options, add_request_fields
from logloom.web.django import logging_settings
logloom.init(dir=sys.argv[1], service="web")
def plain(request, number):
    add_request_fields(items=number)
    return HttpResponse("hello")
async def later(request):
    return HttpResponse("later")
def fails(request):
    raise ValueError("no such page")
def stream(request):
    return StreamingHttpResponse(iter([b"ab", b"cd"]))
urlpatterns = [path("items/<int:number>", plain), path("later", later), path("fails", fails), path("stream", stream)]
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50, LOGLOOM=Options(trusted_hops=1),
    MIDDLEWARE=["logloom.web.django.LoggingMiddleware"], LOGGING=logging_settings(environ={}),
)
django.setup()
from django.test import AsyncClient, Client
client = Client(raise_request_exception=False, headers={"x-forwarded-for": "1.2.3.4"})
answer = client.get("/items/7?a=1")
assert answer.headers["x-request-id"]
b"".join(client.get("/stream").streaming_content)
client.get("/fails")
client.get("/nowhere")
async def go():
    client = AsyncClient(raise_request_exception=False)
    await client.get("/items/8")
    await client.get("/later")
    await client.get("/fails")
asyncio.run(go())
"""


def test_django_by_both_chains(program: Callable[..., tuple[list[Line], str]]) -> None:
    pytest.importorskip("django")
    lines, _ = program(DJANGO)
    requests = [line for line in lines if line.get("event") == "http.server.request"]
    shown = [(one["path"], one["status"], one["level"], one.get("route")) for one in requests]
    assert shown == [
        ("/items/7", 200, "INFO", "items/<int:number>"),
        ("/stream", 200, "INFO", "stream"),
        ("/fails", 500, "ERROR", "fails"),
        ("/nowhere", 404, "INFO", None),
        ("/items/8", 200, "INFO", "items/<int:number>"),
        ("/later", 200, "INFO", "later"),
        ("/fails", 500, "ERROR", "fails"),
    ]
    assert requests[0]["ip"] == "1.2.3.4" and requests[0]["query"] == "a=1"
    assert requests[0]["request"] == {"items": 7} and requests[0]["response_bytes"] == 5
    assert requests[1]["response_bytes"] == 4
    assert requests[2]["exception"]["message"] == "no such page"
    assert requests[6]["exception"]["message"] == "no such page"


def test_the_switches_of_the_environment(lines: Lines) -> None:
    environ = {
        "LOG_LEVEL": "debug",
        "LOGGING_CONSOLE": "true",
        "LOGGING_JSON": "1",
        "LOGGING_LEVEL_SHOP__CART": "error",
        "LOGGING_ENABLE_REDIS": "true",
    }
    with pytest.warns(UserWarning, match="no output to Redis yet"):
        settings = logging_settings(environ=environ)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logging_settings(environ=environ)
    assert settings["root"] == {"handlers": ["logloom", "console"], "level": "DEBUG"}
    assert settings["loggers"]["shop.cart"] == {"level": "ERROR"}
    assert settings["handlers"]["console"]["formatter"] == "json"
    with pytest.warns(UserWarning, match="no level"):
        assert logging_settings(environ={"LOG_LEVEL": "loud"})["root"]["level"] == "INFO"
    assert logging.root is not None
