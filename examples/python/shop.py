"""A FastAPI service that asks another one for each order; see services.py."""

from __future__ import annotations

import os

import httpx
import logloom
from fastapi import FastAPI
from logloom.web import add_request_fields
from logloom.web.asgi import setup_fastapi_logging
from logloom.web.outgoing import propagate_async

application = FastAPI()
setup_fastapi_logging(application, service="shop", dir=os.environ["LOGGING_DIR"])
log = logloom.get_logger("shop.orders")
stock = httpx.AsyncClient(
    base_url=os.environ["STOCK_URL"], event_hooks={"request": [propagate_async]}
)


@application.post("/orders/{number}")
async def order(number: int) -> dict[str, int]:
    answer = await stock.get(f"/articles/{number}")
    count = answer.json()["count"]
    add_request_fields(count=count)
    log.info("order of article {number}", number=number, count=count)
    return {"count": count}
