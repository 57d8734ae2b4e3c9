"""From another way of logging to this one, step by step: printed lines as records, both logs at once, a share of it.

``capture_print()`` makes records of what a program prints. :class:`DualHandler` writes to the old handler and to the
log, so that ``logloom compare`` can tell whether they agree; :class:`ShareHandler` then moves over a share of them.
"""

from __future__ import annotations

import builtins
import logging
import sys
import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Any

import logloom

from ._stdlib import Handler


class PrintCapture:
    """Printed lines become records, until it is closed or its block ends."""

    def __init__(self, level: int | str, echo: bool) -> None:
        self._level = level
        self._echo = echo
        self._before: Callable[..., None] = builtins.print
        builtins.print = self._printed

    def _printed(
        self,
        *values: object,
        sep: str | None = " ",
        end: str | None = "\n",
        file: Any = None,
        flush: bool = False,
    ) -> None:
        is_error = file is not None and file is sys.stderr
        if self._echo or not (file is None or file is sys.stdout or is_error):
            self._before(*values, sep=sep, end=end, file=file, flush=flush)
        if file is None or file is sys.stdout or is_error:
            text = (" " if sep is None else sep).join(str(value) for value in values)
            for line in text.splitlines():
                # A line that only draws, or clears the screen, says nothing.
                if line.strip():
                    caller = sys._getframe(1).f_globals.get("__name__", "print")
                    level = "WARN" if is_error else self._level
                    log = logloom.get_logger(str(caller))
                    log.log(level, line, stacklevel=2, printed=True)

    def close(self) -> None:
        """Gives ``print`` back."""
        if builtins.print == self._printed:
            builtins.print = self._before

    def __enter__(self) -> PrintCapture:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def capture_print(level: int | str = "INFO", *, echo: bool = True) -> PrintCapture:
    """Makes records of what ``print`` writes to the standard output, and WARNINGs of what goes to the standard error.

    Each line is a record of the module that printed it, with its file and line and ``printed: true``. With
    ``echo=False`` it is printed no more. Printing into other files stays as it is.
    """
    return PrintCapture(level, echo)


class DualHandler(logging.Handler):
    """Writes every record to the handler of before and to the log."""

    def __init__(self, old: logging.Handler, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        self.old = old
        self.new: logging.Handler = Handler()

    def createLock(self) -> None:
        # Each of the two has its own.
        self.lock = None

    def handle(self, record: logging.LogRecord) -> Any:
        kept: Any = self.filter(record)
        if kept:
            self.emit(kept if isinstance(kept, logging.LogRecord) else record)
        return kept

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= self.old.level:
            self.old.handle(record)
        self.new.handle(record)

    def close(self) -> None:
        self.old.close()
        super().close()


class ShareHandler(DualHandler):
    """Writes a share of the records to the log alone, all others to the handler of before alone.

    ``share`` is between 0 and 1. All records of a trace, or of a thread outside of every trace, go the same way.
    """

    def __init__(
        self, old: logging.Handler, share: float, level: int | str = logging.NOTSET
    ) -> None:
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"share: {share} is not between 0 and 1")
        super().__init__(old, level)
        self.share = share

    def emit(self, record: logging.LogRecord) -> None:
        fields = logloom.current_context()
        trace = str(fields.get("trace_id") or f"{record.process}-{record.thread}")
        if zlib.crc32(trace.encode("utf-8", "replace")) < self.share * 2**32:
            self.new.handle(record)
        elif record.levelno >= self.old.level:
            self.old.handle(record)
