"""Requests of web applications as records: the same fields for every framework.

``logloom.web.asgi`` for FastAPI, Starlette and Django by ASGI, ``logloom.web.django`` for Django's own chain,
``logloom.web.outgoing`` for requests to others, ``log_api_call`` for single functions, ``server_logging`` for what
uvicorn and gunicorn say themselves.
"""

from __future__ import annotations

from ._calls import log_api_call
from ._request import Options, add_request_fields
from ._servers import server_logging

__all__ = ["Options", "add_request_fields", "log_api_call", "server_logging"]
