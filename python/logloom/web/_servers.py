"""What the servers of web applications and their workers say, in the log of the application."""

from __future__ import annotations

import logging
from typing import Any

# They have handlers of their own unless they are told otherwise.
_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "gunicorn.error", "gunicorn.access")


def server_logging(level: int | str = "INFO", *, access: bool = False) -> dict[str, Any]:
    """A configuration that sends all records of a server to the log.

    For ``log_config`` of uvicorn and ``logconfig_dict`` of gunicorn. Access logs are left out unless ``access`` is
    set: the middleware has a record of each request, with more in it. The library starts with the first record, in
    each worker on its own.
    """
    loggers: dict[str, dict[str, Any]] = {
        name: {"level": level, "handlers": [], "propagate": True} for name in _LOGGERS
    }
    for name in ("uvicorn.access", "gunicorn.access"):
        if access:
            # A handler of their own is what an application's settings know them by.
            loggers[name].update(handlers=["logloom"], propagate=False)
        else:
            loggers[name]["level"] = "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {},
        "handlers": {"logloom": {"class": "logloom.Handler"}},
        "root": {"level": level, "handlers": ["logloom"]},
        "loggers": loggers,
    }


def accesses_by_the_root() -> list[str]:
    """Loggers of accesses that reach the log only as all others do, so that nobody has asked for them."""
    names = ("uvicorn.access", "gunicorn.access")
    return [name for name in names if _is_bare(logging.getLogger(name))]


def _is_bare(logger: logging.Logger) -> bool:
    return logger.propagate and not logger.handlers
