"""The action log of an agent: what its user, its model and its tools did.

::

    import logloom.agent

    logloom.init()
    with logloom.agent.session(project="shop") as log:
        log.user_input("list the files")
        with log.llm_request("anthropic", "claude-sonnet", messages_count=1) as request:
            request.response(input_tokens=1234, output_tokens=567)
        with log.tool_call("bash", {"command": "ls"}) as call:
            call.result("README.md")

An action is safe the moment its call returns. Actions of a session are numbered 1, 2, 3 ... by the thread that
writes them, over crashes, resumed sessions and processes that share one.
"""

from __future__ import annotations

import functools
import inspect
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar, cast

import logloom

from . import _core
from ._context import _scope

F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E", bound="_Open")

Status = Literal["success", "failure", "denied", "cancelled", "timeout", "pending", "error"]
Fields = dict[str, Any]


def init(
    *,
    settings: str | PathLike[str] | None = None,
    dir: str | PathLike[str] | None = None,
    service: str | None = None,
) -> None:
    """Starts logging with the section ``logging`` of an agent's ``settings.json``.

    ``settings`` names the file; else ``$LOGLOOM_SETTINGS``, ``./settings.json`` and
    ``~/.tiny-claude-code/settings.json`` are looked for. What is wrong in it is told, and the default counts.
    """
    place = (service, None if dir is None else fspath(dir), None)
    _core.start(place, [], [], [], "" if settings is None else fspath(settings), False)


class Actions:
    """The 19 types as methods, of a session or of one turn in it.

    Every method takes further fields by keyword; they stand behind those of the type. Fields that are
    ``None`` are left out. A wrong status raises ``ValueError``; nothing else does.
    """

    def __init__(self, session: Session | None, execution_id: str | None) -> None:
        self._session = session
        self.execution_id = execution_id

    @property
    def session_id(self) -> str | None:
        return None if self._session is None else self._session.id

    def record(
        self,
        action_type: str,
        fields: Fields,
        more: Mapping[str, object],
        status: Status = "success",
    ) -> None:
        """Records an action of this type; ``more`` are fields that the type does not have."""
        whole = dict(fields)
        for name, value in more.items():
            whole[f"{name}_" if name in fields or name in _COMMON else name] = value
        ids = (self.session_id, self.execution_id)
        is_error = _core.log_action(action_type, ids, status, whole, _scope.get())
        if self._session is not None:
            self._session._note(is_error, fields)

    def user_input(self, content: str, *, input_mode: str | None = None, **more: object) -> None:
        self.record("user_input", {"content": content, "input_mode": input_mode}, more)

    def user_command(
        self,
        command: str,
        args: Iterable[str] | None = (),
        *,
        status: Status = "success",
        **more: object,
    ) -> None:
        self.record("user_command", {"command": command, "args": _list(args)}, more, status)

    def agent_state_change(
        self, from_state: str, to_state: str, *, reason: str | None = None, **more: object
    ) -> None:
        """States are ``IDLE``, ``THINKING``, ``USING_TOOL``, or any other."""
        fields = {"from_state": from_state, "to_state": to_state, "reason": reason}
        self.record("agent_state_change", fields, more)

    def agent_thinking(
        self, thinking_content: str, *, duration_ms: int | None = None, **more: object
    ) -> None:
        fields = {"thinking_content": thinking_content, "duration_ms": duration_ms}
        self.record("agent_thinking", fields, more)

    def llm_request(
        self,
        provider: str,
        model: str,
        request_id: str | None = None,
        *,
        messages_count: int | None = None,
        tools_count: int | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **more: object,
    ) -> ModelRequest:
        """A request to a model; what it gives tells of the answer."""
        made = request_id or _core.new_id("request")
        fields = {
            "provider": provider,
            "model": model,
            "messages_count": messages_count,
            "tools_count": tools_count,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "request_id": made,
        }
        self.record("llm_request", fields, more)
        return ModelRequest(self, made)

    def llm_response(
        self,
        request_id: str,
        *,
        response_type: str | None = None,
        tool_calls: list[dict[str, object]] | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_creation_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        duration_ms: int | None = None,
        status: Status = "success",
        **more: object,
    ) -> None:
        fields = {
            "request_id": request_id,
            "response_type": response_type,
            "tool_calls": tool_calls,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cache_read_tokens": cache_read_tokens,
            "cache_creation_tokens": cache_creation_tokens,
            "reasoning_tokens": reasoning_tokens,
            "duration_ms": duration_ms,
        }
        self.record("llm_response", fields, more, status)

    def llm_error(
        self,
        request_id: str,
        error_type: str,
        error_message: str,
        *,
        retry_after: int | None = None,
        status: Status = "error",
        **more: object,
    ) -> None:
        fields = {
            "request_id": request_id,
            "error_type": error_type,
            "error_message": error_message,
            "retry_after": retry_after,
        }
        self.record("llm_error", fields, more, status)

    def tool_call(
        self,
        tool_name: str,
        args: object = None,
        tool_use_id: str | None = None,
        *,
        permission_level: str | None = None,
        status: Status = "success",
        **more: object,
    ) -> ToolCall:
        """A tool is called; what it gives tells of the result."""
        made = tool_use_id or _core.new_id("tool")
        fields: Fields = {
            "tool_name": tool_name,
            "tool_use_id": made,
            "args": {} if args is None else args,
            "permission_level": permission_level,
        }
        self.record("tool_call", fields, more, status)
        return ToolCall(self, made)

    def tool_result(
        self,
        tool_use_id: str,
        output: str | None = None,
        *,
        status: Status = "success",
        duration_ms: int | None = None,
        **more: object,
    ) -> None:
        fields = {
            "tool_use_id": tool_use_id,
            "success": status == "success",
            "output": output,
            "duration_ms": duration_ms,
        }
        self.record("tool_result", fields, more, status)

    def tool_error(
        self, tool_use_id: str, error_type: str, error_message: str, **more: object
    ) -> None:
        fields = {
            "tool_use_id": tool_use_id,
            "error_type": error_type,
            "error_message": error_message,
        }
        self.record("tool_error", fields, more, "error")

    def tool_permission(
        self,
        tool_use_id: str,
        permission_level: str,
        user_decision: str,
        *,
        decision_time_ms: int | None = None,
        **more: object,
    ) -> None:
        """Levels are ``SAFE``, ``NORMAL``, ``DANGEROUS``; decisions ``approved``, ``denied``, or any other."""
        fields = {
            "tool_use_id": tool_use_id,
            "permission_level": permission_level,
            "user_decision": user_decision,
            "decision_time_ms": decision_time_ms,
        }
        status: Status = "denied" if user_decision == "denied" else "success"
        self.record("tool_permission", fields, more, status)

    def hook_execute(
        self,
        hook_name: str,
        hook_type: str,
        *,
        duration_ms: int | None = None,
        status: Status = "success",
        **more: object,
    ) -> None:
        fields = {"hook_name": hook_name, "hook_type": hook_type, "duration_ms": duration_ms}
        self.record("hook_execute", fields, more, status)

    def hook_error(
        self,
        hook_name: str,
        hook_type: str,
        error_type: str,
        error_message: str,
        *,
        duration_ms: int | None = None,
        **more: object,
    ) -> None:
        fields = {
            "hook_name": hook_name,
            "hook_type": hook_type,
            "error_type": error_type,
            "error_message": error_message,
            "duration_ms": duration_ms,
        }
        self.record("hook_error", fields, more, "error")

    def system_error(
        self, component: str, error_message: str, *, traceback: str | None = None, **more: object
    ) -> None:
        fields = {"component": component, "error_message": error_message, "traceback": traceback}
        self.record("system_error", fields, more, "error")

    def system_warning(
        self, component: str, error_message: str, *, traceback: str | None = None, **more: object
    ) -> None:
        fields = {"component": component, "error_message": error_message, "traceback": traceback}
        self.record("system_warning", fields, more)

    def tool(self, name: str | None = None) -> Callable[[F], F]:
        """A decorator: calls of the function, plain or a coroutine, are calls of a tool."""

        def wrap(function: F) -> F:
            tool_name = name or str(getattr(function, "__name__", type(function).__name__))
            signature = _signature(function)

            def arguments(args: tuple[Any, ...], named: dict[str, Any]) -> object:
                if signature is None:
                    return {"args": args, **named}
                try:
                    return dict(signature.bind(*args, **named).arguments)
                except TypeError:
                    return {"args": args, **named}

            if inspect.iscoroutinefunction(function):

                @functools.wraps(function)
                async def coroutine(*args: Any, **named: Any) -> Any:
                    with self.tool_call(tool_name, arguments(args, named)) as call:
                        output = await function(*args, **named)
                        call.result(_text(output))
                    return output

                return cast(F, coroutine)

            @functools.wraps(function)
            def plain(*args: Any, **named: Any) -> Any:
                with self.tool_call(tool_name, arguments(args, named)) as call:
                    output = function(*args, **named)
                    call.result(_text(output))
                return output

            return cast(F, plain)

        return wrap


_COMMON = frozenset(("session_id", "execution_id", "status", "action_number", "action_type"))


def _list(args: object) -> list[object]:
    if args is None or isinstance(args, str):
        return [] if args is None else [args]
    try:
        return list(cast("Iterable[object]", args))
    except Exception:  # not iterable, or it raises meanwhile
        return [args]


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """``None`` for those that tell of none, such as ``max``."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _count(given: object) -> int:
    """Tokens, also where a provider gives them as text; what is no number counts nothing."""
    try:
        return int(cast(Any, given)) if given is not None else 0
    except Exception:
        return 0


def _told(error: BaseException) -> str:
    """Its text; the exception of the program goes on whatever that raises."""
    try:
        return str(error)
    except Exception as failed:
        return f"[UNPRINTABLE {type(error).__name__}: {type(failed).__name__}]"


def _text(output: object) -> str | None:
    if output is None or isinstance(output, str):
        return output
    return _core.to_json(output)


class _Open:
    """Something that was begun and has an end of its own."""

    def __init__(self, actions: Actions, id: str) -> None:
        self._actions = actions
        self.id = id
        self._started = time.perf_counter_ns()
        self._is_ended = False

    def _elapsed(self) -> int:
        return (time.perf_counter_ns() - self._started) // 1_000_000

    def _end(self, error: BaseException | None) -> None:
        raise NotImplementedError

    def __enter__(self: E) -> E:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_ended:
            self._is_ended = True
            self._end(error)

    async def __aenter__(self: E) -> E:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)


def _is_stop(error: BaseException) -> bool:
    """Whether it was called off, and is no mistake: Ctrl+C, a cancelled task, the end of the program."""
    return not isinstance(error, Exception)


class ToolCall(_Open):
    """A call of a tool until its result is known.

    As a context manager it takes the time; without a result it records a success without output, an exception as
    ``tool_error``, and what calls it off as ``cancelled``.
    """

    def result(
        self, output: str | None = None, *, status: Status = "success", **more: object
    ) -> None:
        """Records what the tool gave."""
        self._is_ended = True
        duration = self._elapsed()
        self._actions.tool_result(self.id, output, status=status, duration_ms=duration, **more)

    def error(self, error_type: str, error_message: str, **more: object) -> None:
        """Records that it could not do its work."""
        self._is_ended = True
        self._actions.tool_error(self.id, error_type, error_message, **more)

    def permission(self, permission_level: str, user_decision: str, **more: Any) -> None:
        """Records what was decided about it; a denial is also its end."""
        self._is_ended |= user_decision == "denied"
        self._actions.tool_permission(self.id, permission_level, user_decision, **more)

    def _end(self, error: BaseException | None) -> None:
        if error is None:
            self.result()
        elif _is_stop(error):
            self.result(status="cancelled")
        else:
            self.error(type(error).__name__, _told(error))


class ModelRequest(_Open):
    """A request to a model until its answer is known.

    As a context manager it takes the time; without an answer it records one that says nothing, an exception as
    ``llm_error``, and what calls it off as ``cancelled``.
    """

    def response(self, **fields: Any) -> None:
        """Records the answer; takes what :meth:`Actions.llm_response` takes."""
        self._is_ended = True
        fields.setdefault("duration_ms", self._elapsed())
        self._actions.llm_response(self.id, **fields)

    def error(
        self, error_type: str, error_message: str, *, retry_after: int | None = None, **more: Any
    ) -> None:
        """Records that there was none."""
        self._is_ended = True
        self._actions.llm_error(self.id, error_type, error_message, retry_after=retry_after, **more)

    def _end(self, error: BaseException | None) -> None:
        if error is None:
            self.response()
        elif _is_stop(error):
            self.response(status="cancelled")
        else:
            self.error(type(error).__name__, _told(error))


class Session(Actions):
    """A session; as a context manager it ends with the block, by ``exit`` or the name of the exception."""

    def __init__(self, id: str, project: str | None) -> None:
        super().__init__(self, None)
        self.id = id
        self.project = project
        self.total_actions = 0
        self.total_errors = 0
        self.total_input_tokens = 0
        self.total_output_tokens = 0
        self._began = time.time()
        self._is_over = False

    def execution(self, id: str | None = None) -> Actions:
        """One turn of the agent; its actions carry both ids."""
        return Actions(self, id or _core.new_id("execution"))

    def pause(self, reason: str, **metadata: object) -> None:
        """Records that it is put aside."""
        self._life("session_pause", metadata, {"reason": reason})

    def resume(self, reason: str, **metadata: object) -> None:
        """Records that it goes on in this process."""
        self._life("session_resume", metadata, {"reason": reason})

    def end(self, reason: str = "exit", **metadata: object) -> None:
        """Records that it has ended, with its totals. What is logged to it later still belongs to it."""
        self._is_over = True
        totals = {
            "reason": reason,
            "duration_ms": max(0, int((time.time() - self._began) * 1000)),
            "total_actions": self.total_actions + 1,
            "total_errors": self.total_errors,
            "total_input_tokens": self.total_input_tokens,
            "total_output_tokens": self.total_output_tokens,
        }
        self._life("session_end", metadata, totals)

    def _life(self, kind: str, metadata: Mapping[str, object], fields: Fields) -> None:
        common = {"project_name": self.project, "metadata": dict(metadata) or None}
        self.record(kind, {**common, **fields}, {})

    def _note(self, is_error: bool, fields: Fields) -> None:
        self.total_actions += 1
        self.total_errors += is_error
        self.total_input_tokens += _count(fields.get("input_tokens"))
        self.total_output_tokens += _count(fields.get("output_tokens"))

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_over:
            self.end("exit" if error is None else type(error).__name__)

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)


def session(id: str | None = None, *, project: str | None = None, **metadata: object) -> Session:
    """Begins a session; ``metadata`` is what is worth knowing of its surroundings, such as the platform."""
    made = Session(id or _core.new_id("session"), project)
    made._life("session_start", metadata, {})
    return made


def resume(id: str, *, project: str | None = None, **metadata: object) -> Session:
    """Goes on with a session of another process; what that one has left behind is written before."""
    _core.recover_dead()
    made = Session(id, project)
    made._life("session_resume", metadata, {})
    return made


class LogQueryEngine:
    """Asks the action log::

        LogQueryEngine().filter(action_types=["tool_error"], date="today").limit(10).execute()

    Every method gives a new engine. Without a directory it asks the one that this process logs to, else
    ``./logs``.
    """

    def __init__(self, dir: str | PathLike[str] | None = None) -> None:
        self._dir = Path(dir if dir is not None else logloom.log_dir() or "logs")
        self._asked: dict[str, Any] = {}
        self._first: int | None = None
        self._last: int | None = None

    def filter(
        self,
        *,
        date: str | None = None,
        date_range: str | tuple[str | None, str | None] | None = None,
        action_types: str | Iterable[str] | None = None,
        action_type: str | None = None,
        session_id: str | None = None,
        status: str | Iterable[str] | None = None,
        tool_name: str | None = None,
        keyword: str | None = None,
        content_match: str | None = None,
        utc: bool | None = None,
    ) -> LogQueryEngine:
        """Only these actions; what is said again replaces what was said.

        Days are the viewer's, or those of UTC with ``utc``: ``2026-11-22``, ``today``, ``yesterday``, or a range of
        two, each of which may be ``None``. ``keyword`` is a text in some value, ``content_match`` one in what was
        said. ``tool_name`` also finds results, errors and permissions of its calls.
        """
        days = date
        if isinstance(date_range, str):
            days = date_range
        elif date_range is not None:
            first, last = date_range
            days = f"{first or ''}:{last or ''}"
        given: dict[str, Any] = {
            "days": days,
            "action_types": _names(action_types if action_types is not None else action_type),
            "session_id": session_id,
            "statuses": _names(status),
            "tool_name": tool_name,
            "keyword": keyword,
            "content_match": content_match,
            "is_utc": utc,
        }
        copy = self._copy()
        copy._asked.update({key: value for key, value in given.items() if value is not None})
        return copy

    def limit(self, count: int) -> LogQueryEngine:
        """The first so many; 1,000 of a list and all of an iterator without it."""
        copy = self._copy()
        copy._first, copy._last = count, None
        return copy

    def tail(self, count: int) -> LogQueryEngine:
        """The last so many."""
        copy = self._copy()
        copy._first, copy._last = None, count
        return copy

    def execute(self) -> list[dict[str, Any]]:
        """Finds the actions as a list, oldest first.

        Raises ``OSError`` where the directory or one of its files cannot be read, ``ValueError`` for days that
        are none.
        """
        has_limit = self._first is not None or self._last is not None
        return list(self if has_limit else self.limit(1_000))

    def iter(self) -> Iterator[dict[str, Any]]:
        """Finds them one after the other; never a file in memory."""
        question: dict[str, Any] = {
            "action_types": [],
            "session_id": None,
            "statuses": [],
            "tool_name": None,
            "keyword": None,
            "content_match": None,
            "days": None,
            "is_utc": False,
            **self._asked,
            "first": self._first,
            "last": self._last,
        }
        found = _core.find_actions(self._dir, question)
        for line in found:
            yield json.loads(line)
        problems = found.problems()
        if problems:
            raise OSError("; ".join(problems))

    __iter__ = iter

    def to_dicts(self) -> list[dict[str, Any]]:
        """The same as :meth:`execute`."""
        return self.execute()

    def to_arrow(self) -> Any:
        """A table of pyarrow, which has to be installed; objects, and values of several types in a column, are text."""
        import importlib

        table: Any = importlib.import_module("pyarrow").Table
        return table.from_pylist(self._flat())

    def to_polars(self) -> Any:
        """A data frame of polars, which has to be installed; texts are those of ``to_arrow``."""
        import importlib

        frame: Any = importlib.import_module("polars").DataFrame
        return frame(self._flat(), infer_schema_length=None)

    def _flat(self) -> list[dict[str, Any]]:
        def flat(value: object) -> object:
            is_nested = isinstance(value, (dict, list))
            return json.dumps(value, ensure_ascii=False) if is_nested else value

        rows = [{key: flat(value) for key, value in row.items()} for row in self.execute()]
        names = list(dict.fromkeys(key for row in rows for key in row))
        mixed = {name for name in names if _is_mixed(row.get(name) for row in rows)}

        def cell(name: str, value: object) -> object:
            return value if value is None or name not in mixed else str(value)

        return [{name: cell(name, row.get(name)) for name in names} for row in rows]

    def _copy(self) -> LogQueryEngine:
        copy = LogQueryEngine(self._dir)
        copy._asked = dict(self._asked)
        copy._first, copy._last = self._first, self._last
        return copy


def _is_mixed(values: Iterable[object]) -> bool:
    """Whether a column of these has no type of its own, so that they stand there as texts."""
    kinds = {type(value) for value in values if value is not None}
    return len(kinds) > 1 and kinds != {int, float}


def _names(given: str | Iterable[str] | None) -> list[str] | None:
    if given is None:
        return None
    return [given] if isinstance(given, str) else list(given)
