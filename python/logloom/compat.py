"""The names of a unified logger that other projects have written for themselves, over this library.

``from logloom.compat import UnifiedLogger, UnifiedLoggerFactory`` takes the place of their module: the calls are
the same, the records are in the log.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from os import PathLike

import logloom

from . import _core
from ._context import _scope


class UnifiedLogger:
    """A logger whose keyword arguments are fields."""

    def __init__(self, name: str, log_queue: object = None) -> None:
        """``log_queue`` is accepted and not used: every thread has a ring of its own."""
        self.logger = logloom.get_logger(name)

    def set_trace_context(
        self, trace_id: str | None = None, span_id: str | None = None
    ) -> dict[str, str]:
        """Sets both for all loggers in this context, new ones where none are given; returns them."""
        ids = {
            "trace_id": trace_id or str(uuid.uuid4()),
            "span_id": span_id or str(uuid.uuid4())[:8],
        }
        fields: dict[str, object] = dict(ids)
        outer = _scope.get()
        _scope.set(_core.scope(fields) if outer is None else outer.with_fields(fields))
        return ids

    # The native methods themselves, so that a call has its own place and costs no frame more.

    @property
    def log(self) -> Callable[..., None]:
        """``log(level, message, **fields)``."""
        return self.logger.log

    @property
    def debug(self) -> Callable[..., None]:
        return self.logger.debug

    @property
    def info(self) -> Callable[..., None]:
        return self.logger.info

    @property
    def warning(self) -> Callable[..., None]:
        return self.logger.warning

    @property
    def error(self) -> Callable[..., None]:
        """``error(message, exc_info=False, **fields)``."""
        return self.logger.error

    @property
    def critical(self) -> Callable[..., None]:
        return self.logger.critical


class UnifiedLoggerFactory:
    """One factory for the process."""

    _instance: UnifiedLoggerFactory | None = None
    _initialized = False

    def __new__(cls) -> UnifiedLoggerFactory:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def initialize(
        self, config_path: str | PathLike[str] | None = None, log_dir: str = "logs"
    ) -> None:
        """Starts the library in ``log_dir``, a copy of INFO and above on the standard error, once.

        ``config_path`` is a configuration of ``logging`` in YAML or JSON; without one, the standard ``logging``
        goes to the log from DEBUG up.
        """
        if self._initialized:
            return
        console: dict[str, logloom.Setting] = {"enabled": True, "format": "json", "level": "INFO"}
        logloom.init(dir=log_dir, level="DEBUG", settings={"console": console})
        if config_path is None:
            logloom.install(level=logging.DEBUG)
        else:
            logloom.dict_config(config_path)
        self._initialized = True

    def get_logger(self, name: str) -> UnifiedLogger:
        return UnifiedLogger(name)

    def shutdown(self) -> None:
        """Writes what is left and stops."""
        logloom.shutdown()
        self._initialized = False
