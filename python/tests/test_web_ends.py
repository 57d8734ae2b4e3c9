"""How requests end: answers to exceptions, streams, clients that go away; and who starts the library."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Line, Lines, lines_of
from test_web import ask

import logloom
from logloom.web.asgi import LoggingMiddleware
from logloom.web.django import logging_settings

log = logloom.get_logger("test.web")

DJANGO = """
import asyncio, logging, sys
import django
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import path
import logloom
from logloom.web.django import logging_settings
logloom.init(dir=sys.argv[1], service="web")
log = logging.getLogger("shop")
def missing(request):
    raise Http404("gone")
def denied(request):
    raise PermissionDenied("no")
def parts():
    try:
        log.info("first")
        yield b"a"
        log.info("second")
        yield b"b"
    finally:
        log.info("closed")
async def later_parts():
    for part in parts():
        yield part
def stream(request):
    return StreamingHttpResponse(parts())
async def later(request):
    return StreamingHttpResponse(later_parts())
urlpatterns = [path(f.__name__, f) for f in (missing, denied, stream, later)]
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50,
    MIDDLEWARE=["logloom.web.django.LoggingMiddleware"], LOGGING=logging_settings(environ={}),
)
django.setup()
from django.test import AsyncClient, Client
client = Client(raise_request_exception=False)
client.get("/missing")
client.get("/denied")
answer = client.get("/stream", headers={"x-request-id": "whole"})
for part in answer.streaming_content:
    assert logloom.current_context() == {}, "the server is not within the request"
answer.close()
answer = client.get("/stream", headers={"x-request-id": "left"})
next(answer.streaming_content)
answer.close()
client.get("/stream", headers={"x-request-id": "never"}).close()
async def go():
    client = AsyncClient(raise_request_exception=False)
    answer = await client.get("/later", headers={"x-request-id": "async"})
    async for part in answer.streaming_content:
        assert logloom.current_context() == {}
asyncio.run(go())
client.get("/nowhere", CONTENT_LENGTH="\\u00b2")
"""


def test_django_answers_and_streams(program: Callable[..., tuple[list[Line], str]]) -> None:
    pytest.importorskip("django")
    lines, _ = program(DJANGO)
    requests = [line for line in lines if line.get("event") == "http.server.request"]
    assert [(one["path"], one["status"], one["level"]) for one in requests] == [
        ("/missing", 404, "INFO"),
        ("/denied", 403, "WARN"),
        ("/stream", 200, "INFO"),
        ("/stream", 499, "INFO"),
        ("/stream", 499, "INFO"),
        ("/later", 200, "INFO"),
        ("/nowhere", 404, "INFO"),
    ]
    assert not any("exception" in one for one in requests)
    by_id = {one["request_id"]: one for one in requests}
    assert by_id["whole"]["response_bytes"] == 2
    within = [line for line in lines if line["module"] == "shop"]
    assert [(line["message"], line["request_id"]) for line in within] == [
        ("first", "whole"),
        ("second", "whole"),
        ("closed", "whole"),
        ("first", "left"),
        ("closed", "left"),
        ("first", "async"),
        ("second", "async"),
        ("closed", "async"),
    ]
    for line in within:
        told = by_id[line["request_id"]]
        assert all(line[name] == told[name] for name in ("trace_id", "span_id", "ip"))


GONE = """
import asyncio, sys, uvicorn
from fastapi import FastAPI
from logloom.web.asgi import setup_fastapi_logging
app, sub = FastAPI(), FastAPI()
setup_fastapi_logging(app, service="api", dir=sys.argv[1])
setup_fastapi_logging(app)
is_answered = asyncio.Event()
@app.get("/slow")
async def slow():
    print("asked", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    # The server sees the end of the connection by its own loop.
    while server.server_state.connections:
        await asyncio.sleep(0.01)
    is_answered.set()
    return 1
@sub.get("/items/{number}")
async def item(number: int):
    return number
@sub.post("/items")
async def put(body: dict):
    return body
app.mount("/of/{tenant}/v1", sub)
server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
async def main():
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await is_answered.wait()
    while server.server_state.tasks:
        await asyncio.sleep(0.01)
    print("answered", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await task
asyncio.run(main())
"""


def test_a_client_that_does_not_wait_is_seen_without_being_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    httpx = pytest.importorskip("httpx")
    source = tmp_path / "service.py"
    source.write_text(GONE)
    server = subprocess.Popen(
        [sys.executable, str(source), str(tmp_path / "log")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None and server.stdin is not None
    try:
        port = int(server.stdout.readline())
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/of/acme/v1/items/7").json() == 7
            assert client.post("/of/acme/v1/items", json={"a": 1}).json() == {"a": 1}
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
            assert server.stdout.readline() == "asked\n"
        server.stdin.write("gone\n")
        server.stdin.flush()
        assert server.stdout.readline() == "answered\n"
    finally:
        server.stdin.close()
        try:
            assert server.wait(30) == 0
        finally:
            server.kill()
            server.stdout.close()
    lines = lines_of(tmp_path / "log")
    requests = [line for line in lines if line.get("event") == "http.server.request"]
    assert [(one["path"], one["status"], one.get("route")) for one in requests] == [
        ("/of/acme/v1/items/7", 200, "/of/{tenant}/v1/items/{number}"),
        ("/of/acme/v1/items", 200, "/of/{tenant}/v1/items"),
        ("/slow", 499, "/slow"),
    ]
    assert {one["level"] for one in requests} == {"INFO"}


def test_what_is_received_early_is_not_lost(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})
        assert (await receive())["type"] == "http.request"
        assert (await receive())["type"] == "http.disconnect"

    received = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
    ask(app, received=received)
    (request,) = lines()
    assert request["status"] == 499


def test_a_body_that_the_application_does_not_read_is_left(lines: Lines) -> None:
    received: list[dict[str, Any]] = [{"type": "http.request", "body": b"x", "more_body": True}]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        assert (await receive())["body"] == b"x"

    ask(app, received=received, headers=[(b"content-length", b"9")])
    assert lines()[0]["status"] == 413


def test_a_user_who_cannot_be_asked_stops_nothing(lines: Lines) -> None:
    class User:
        username = "ann"

        @property
        def is_authenticated(self) -> bool:
            return True

        @property
        def pk(self) -> int:
            raise ConnectionError("the database is gone")

    class Nobody:
        @property
        def is_authenticated(self) -> bool:
            raise ConnectionError("the database is gone")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    ask(app, user=User())
    ask(app, user=Nobody())
    first, second = lines()
    assert (first["status"], first["user_id"]) == (200, "ann")
    assert second["status"] == 200 and "user_id" not in second


def test_a_web_socket_that_is_denied_has_the_status_of_its_answer(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"no"})

    ask(app, kind="websocket", received=[{"type": "websocket.connect"}])
    assert [(line["status"], line["level"]) for line in lines()] == [(401, "WARN")]


def test_a_web_socket_that_its_client_closes_is_no_error(lines: Lines) -> None:
    class WebSocketDisconnect(ZeroDivisionError):
        pass

    def app_raising(error: type[Exception]) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            await receive()
            raise error

        return app

    for error in (WebSocketDisconnect, ZeroDivisionError):
        gone = [{"type": "websocket.disconnect", "code": 1006}]
        ask(app_raising(error), kind="websocket", received=gone, fails=True)
    assert [line["level"] for line in lines()] == ["INFO", "ERROR"]


def test_a_request_that_is_destroyed_from_elsewhere_raises_nothing(lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.get_running_loop().create_future()

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    nothing: Any = None
    call = LoggingMiddleware(app)(scope, nothing, nothing)

    async def begin() -> None:
        call.send(None)

    asyncio.run(begin())
    call.close()
    assert [line["path"] for line in lines()] == ["/"]


STARTED = """
import logging, logging.config, sys
import logloom
from logloom.web import server_logging
logging.config.dictConfig(server_logging(access=sys.argv[2] == "access"))
logging.getLogger("uvicorn.error").info("from the server")
if sys.argv[3] == "fastapi":
    from fastapi import FastAPI
    from logloom.web.asgi import setup_fastapi_logging
    setup_fastapi_logging(FastAPI(), service="api", dir=sys.argv[1], level="DEBUG")
else:
    from logloom.web.django import logging_settings
    logging.config.dictConfig(logging_settings(service="api", environ={"LOGGING_DIR": sys.argv[1]}))
logloom.get_logger("shop").info("hello")
logging.getLogger("uvicorn.access").info("GET /")
"""


@pytest.mark.parametrize("framework", ["fastapi", "django"])
@pytest.mark.parametrize("access", ["access", "none"])
def test_what_an_application_asks_for_counts_after_its_server(
    program: Callable[..., tuple[list[Line], str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    framework: str,
    access: str,
) -> None:
    pytest.importorskip(framework)
    monkeypatch.setenv("LOGLOOM__STORE__DIR", str(tmp_path / "elsewhere"))
    lines, _ = program(STARTED, access, framework)
    assert [line["message"] for line in lines_of(tmp_path / "elsewhere")] == ["from the server"]
    expected = [("hello", "api")] + ([("GET /", "api")] if access == "access" else [])
    assert [(line["message"], line["service"]) for line in lines] == expected


def test_what_the_program_has_started_stays(lines: Lines, tmp_path: Path) -> None:
    logging_settings(service="other", environ={"LOGGING_DIR": str(tmp_path / "other")})
    log.info("here")
    assert [line["service"] for line in lines()] == ["test"]


def test_switches_that_say_nothing_are_told(lines: Lines) -> None:
    with pytest.warns(UserWarning, match="LOGGING_CONSOLE=maybe is neither true nor false"):
        assert "console" not in logging_settings(environ={"LOGGING_CONSOLE": "maybe"})["handlers"]
    with pytest.warns(UserWarning, match="LOGGING_LEVEL_SHOP=LOUD is no level"):
        assert "shop" not in logging_settings(environ={"LOGGING_LEVEL_SHOP": "LOUD"})["loggers"]
