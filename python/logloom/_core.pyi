from collections.abc import Callable, Sequence
from contextvars import ContextVar
from logging import Logger as Logger_
from logging import LogRecord
from os import PathLike
from typing import Any, TypeVar, overload

from ._catch import Catch

F = TypeVar("F", bound=Callable[..., Any])

__version__: str
_scope: ContextVar[Scope | None]

class Logger:
    """A logger: fields are keyword arguments, and calls below its level cost next to nothing."""

    @property
    def name(self) -> str: ...
    def bind(self, **fields: object) -> Logger:
        """A logger of the same name whose records all have these fields, too."""

    def is_enabled_for(self, level: int | str) -> bool:
        """Whether records of this level, a name or a number of ``logging``, are kept."""

    @overload
    def catch(self, function: F, /) -> F: ...
    @overload
    def catch(
        self,
        exception: type[BaseException] | tuple[type[BaseException], ...] = ...,
        message: str = ...,
        level: int | str = ...,
        reraise: bool = ...,
        default: object = ...,
    ) -> Catch:
        """A decorator or a block: exceptions in it become records, and ``default`` what the function gives."""

    def trace(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at TRACE; arguments as for :meth:`info`."""

    def debug(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at DEBUG; arguments as for :meth:`info`."""

    def info(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at INFO.

        ``args`` fill ``%s`` and ``{}`` of the message, ``fields`` fill ``{name}`` and stand in the record.
        ``exc_info``, ``stack_info``, ``stacklevel`` and ``extra`` mean what they mean in ``logging``. Values
        are taken at the call; masks, message and JSON are made elsewhere.
        """

    def warning(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at WARNING; arguments as for :meth:`info`."""

    def error(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at ERROR; arguments as for :meth:`info`."""

    def critical(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at CRITICAL, which is FATAL in the log; arguments as for :meth:`info`."""

    def exception(self, message: object = ..., /, *args: object, **fields: object) -> None:
        """Logs at ERROR with the exception that is being handled."""

    def log(
        self, level: int | str, message: object = ..., /, *args: object, **fields: object
    ) -> None:
        """Logs at a level by its name or its number in ``logging``."""

class Scope:
    def with_fields(self, fields: dict[str, object]) -> Scope: ...
    def with_traceparent(self, header: str) -> Scope: ...
    def with_new_trace(self) -> Scope: ...
    def with_child_span(self) -> Scope: ...
    def traceparent(self) -> str | None: ...
    def fields(self) -> dict[str, Any]: ...

class Masker:
    """Hides secrets in texts and values, as the log does."""

    def __init__(
        self,
        fields: Sequence[str] = (),
        personal: Sequence[str] = (),
        home_paths: bool = False,
    ) -> None: ...
    def text(self, text: str) -> str: ...
    def json(self, value: object) -> str: ...

def scope(fields: dict[str, object]) -> Scope: ...
def request_scope(
    outer: Scope | None, fields: dict[str, object], traceparent: str | None
) -> Scope: ...
def get_logger(name: str) -> Logger: ...
def start(
    place: tuple[str | None, str | PathLike[str] | None, str | PathLike[str] | None],
    keys: list[tuple[str, str]],
    levels: list[tuple[str, int | str]],
    mask: list[str],
    settings_json: str | PathLike[str] | None,
    is_automatic: bool,
    wrong: list[tuple[str, str]] = ...,
) -> None: ...
def log_action(
    kind: str,
    ids: tuple[str | None, str | None],
    status: str,
    fields: dict[str, Any],
    scope: Scope | None,
) -> bool: ...
def new_id(of: str) -> str: ...
def recover_dead() -> None: ...

class Actions:
    def __iter__(self) -> Actions: ...
    def __next__(self) -> bytes: ...
    def problems(self) -> list[str]: ...
    def total(self) -> int: ...

def find_actions(dir: PathLike[str], question: dict[str, Any]) -> Actions: ...
def flush(timeout: float) -> bool: ...
def stop() -> bool: ...
def set_level(level: int | str, module: str | None) -> None: ...
def log_dir() -> str | None: ...
def set_overflow(policy: str, timeout: float | None) -> None: ...
def prometheus() -> str: ...
def yaml_to_json(text: str) -> str: ...
def metrics() -> dict[str, int]: ...
def before_fork() -> None: ...
def after_fork_in_parent() -> None: ...
def changed() -> None: ...
def install_methods(
    classes: list[type],
    base: type,
    decide: Callable[[Logger_], tuple[int, bool]],
    watched: list[tuple[dict[str, Any], list[tuple[str, Any]], list[str]]],
    verbs: tuple[dict[str, Any], list[tuple[str, Any]], list[str]],
    source: str,
) -> None: ...
def install_handler(
    class_: type, own: dict[str, Any], classes: list[type], sample: LogRecord, /
) -> None: ...
def handle(record: LogRecord) -> None: ...
def to_json(value: object) -> str: ...
