"""Records of wrappers, with the place of what they wrap: neither their own file and line nor their own frames."""

from __future__ import annotations

import functools
import os.path
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any

_WRAPPERS = ("_catch.py", "_context.py", "web/_calls.py", "agent.py")
_OWN = frozenset(os.path.join(os.path.dirname(__file__), name) for name in _WRAPPERS)


@functools.lru_cache(maxsize=1024)
def _calling(file: str, line: int, function: str) -> CodeType:
    """A call that seems to stand there."""
    code = compile("log(*args, **named)", file, "eval")
    return code.replace(co_firstlineno=line, co_name=function)


def log_at(place: tuple[str, int, str], log: Callable[..., None], *args: Any, **named: Any) -> None:
    """Calls a method of a logger as if a line of this file and function did."""
    eval(_calling(*place), {"log": log, "args": args, "named": named})


def frames_without_own(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this package's wrappers; whole, where it has no other."""
    frames: list[TracebackType] = []
    at = traceback
    count = 0
    while at is not None:
        count += 1
        if at.tb_frame.f_code.co_filename not in _OWN:
            frames.append(at)
        at = at.tb_next
    if not frames or len(frames) == count:
        return traceback
    rebuilt: TracebackType | None = None
    for one in reversed(frames):
        rebuilt = TracebackType(rebuilt, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return rebuilt


def log_error(
    log: Callable[..., None],
    error: BaseException,
    *args: Any,
    place: tuple[str, int, str] | None = None,
    **named: Any,
) -> None:
    """Logs with an exception, at the line of the function or block in which it came up, or at the given place."""
    whole = error.__traceback__
    told = frames_without_own(whole)
    if place is None and told is not None:
        code = told.tb_frame.f_code
        place = code.co_filename, told.tb_lineno or code.co_firstlineno, code.co_name
    error.__traceback__ = told
    try:
        if place is None:
            log(*args, exc_info=error, **named)
        else:
            log_at(place, log, *args, exc_info=error, **named)
    finally:
        error.__traceback__ = whole
