"""Two services, one of FastAPI and one of Django, under load, in one log::

    pip install logloom fastapi django uvicorn httpx
    python services.py [DIRECTORY] [REQUESTS]

Starts both on free ports of this machine, asks the shop, which asks the stock, stops them, and counts the traces that
both services have told of.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

SERVE = """
import asyncio, importlib, sys, threading, uvicorn
application = importlib.import_module(sys.argv[1]).application
server = uvicorn.Server(uvicorn.Config(application, port=0, log_config=None, lifespan="off"))
async def serve():
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await task
def stop():
    sys.stdin.read()
    server.should_exit = True
threading.Thread(target=stop, daemon=True).start()
asyncio.run(serve())
"""


def start(name: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
    """Starts a service; gives it and its address."""
    service = subprocess.Popen(
        [sys.executable, "-c", SERVE, name],
        cwd=Path(__file__).parent,
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert service.stdout is not None
    return service, f"http://127.0.0.1:{int(service.stdout.readline())}"


async def load(base: str, requests: int) -> float:
    """Asks so often, 16 at a time; gives the requests a second."""
    limits = httpx.Limits(max_connections=16)
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=60) as client:
        gate = asyncio.Semaphore(16)

        async def one(number: int) -> None:
            async with gate:
                answer = await client.post(f"/orders/{number % 100}")
                assert answer.json() == {"count": number % 100 * 3}

        started = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(requests)))
        return requests / (time.perf_counter() - started)


def traces(directory: Path) -> dict[str, list[str]]:
    """The traces that each service has told a request of."""
    found: dict[str, list[str]] = {"shop": [], "stock": []}
    for file in sorted(directory.glob("*.jsonl")):
        with file.open("rb") as lines:
            for text in lines:
                line = json.loads(text)
                if line.get("event") == "http.server.request":
                    found[line["service"]].append(line["trace_id"])
    return found


def main() -> int:
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="logloom-"))
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    stock, stock_url = start("stock", LOGGING_DIR=str(directory))
    shop, shop_url = start("shop", LOGGING_DIR=str(directory), STOCK_URL=stock_url)
    try:
        rate = asyncio.run(load(shop_url, requests))
    finally:
        for service in (shop, stock):
            assert service.stdin is not None
            service.stdin.close()
            service.wait(30)
    found = traces(directory)
    shared = set(found["shop"]) & set(found["stock"])
    print(f"{requests} requests, {rate:.0f} a second, into {directory}")
    print(f"shop told of {len(found['shop'])}, stock of {len(found['stock'])}")
    print(f"{len(shared)} traces in both")
    return 0 if len(shared) == requests else 1


if __name__ == "__main__":
    sys.exit(main())
