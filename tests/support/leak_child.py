"""keyswitch with a bug in it: a call into its adapters or use cases raises an error that holds every secret.

`python -m tests.support.leak_child PLAN ARGUMENT...` runs the command line ARGUMENT... as the program would. PLAN is
JSON, see `Plan`. Each secret that comes into being is written down for the parent, which looks for all of them
afterwards.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import resource
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

ROOT: Final = Path(__file__).parents[2]

COUNTED: Final = tuple(f"{ROOT / folder}{os.sep}" for folder in ("adapters", "application"))
NOT_COUNTED: Final = f"{ROOT / 'adapters' / 'sandbox'}{os.sep}"

SHORTEST: Final = 16
"""Characters of a secret; what is shorter is a word in an address that is shown."""


@dataclass(frozen=True)
class Plan:
    """What is to happen. Paths are absolute."""

    secrets: str
    """Takes a JSON line for each secret: its name and its value."""
    log: str
    """Takes what is logged at DEBUG."""
    calls: str
    """Takes how often each function was called, as JSON."""
    bug_at: str = ""
    """The function that fails, `FILE:NAME`; none where it is empty."""
    bug_after: int = 0
    """How often it works before."""
    error: str = "value"
    """A name in `ERRORS`."""
    leaks: list[str] = field(default_factory=list)
    """What this build does wrong; names in `tests.support.leaky_builds`."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class Hostile(Exception):
    """Shows the secret in every way but the usual ones, and fails in those."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> NoReturn:
        raise RuntimeError(self.args)

    __repr__ = __str__

    def __rich__(self) -> str:
        return self.text


def noted(text: str) -> BaseException:
    error = ValueError()
    error.add_note(text)
    return error


def caused(text: str) -> BaseException:
    error = ValueError(text)
    error.__cause__ = KeyError(text)
    error.__cause__.__context__ = OSError(13, "Permission denied", text)
    return error


def from_http(text: str) -> BaseException:
    """What httpx2 raises: the request, with its headers, hangs on to it."""
    import httpx2

    request = httpx2.Request("POST", "https://example.test/token", headers={"x": text.encode().hex()}, content=text)
    return httpx2.ReadError(text, request=request)


ERRORS: Final[dict[str, Callable[[str], BaseException]]] = {
    "value": ValueError,
    "key": KeyError,
    "type": TypeError,
    "runtime": RuntimeError,
    "file": lambda text: OSError(13, "Permission denied", text),
    "unicode": lambda text: UnicodeDecodeError("utf-8", text.encode(), 0, 1, text),
    "group": lambda text: ExceptionGroup(text, [ValueError(text), ExceptionGroup(text, [KeyError(text)])]),
    "note": noted,
    "cause": caused,
    "hostile": Hostile,
    "http": from_http,
    "memory": MemoryError,
    "recursion": RecursionError,
    "exit": SystemExit,
    "interrupt": KeyboardInterrupt,
    "base": BaseException,
    "abort": lambda _text: os.abort(),
}


class Registry:
    """All secrets of this process, as they come into being."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.values: dict[str, str] = {}

    def add(self, name: str, value: str) -> None:
        if len(value) >= SHORTEST and value not in self.values:
            self.values[value] = name
            os.write(self._descriptor, f"{json.dumps([name, value])}\n".encode())

    def watch(self) -> None:
        """Take down every `Secret`, the parameters of every redirect and every master key."""
        from adapters.master_key.key import MasterKey
        from domain.sign_in.callback import CallbackParameters
        from domain.text.secret import Secret

        usual = Secret.__init__

        def made(secret: Secret, value: str) -> None:
            usual(secret, value)
            where = sys._getframe(1).f_code
            if where.co_filename != f"{ROOT}/domain/sign_in/callback.py":
                here = sys._getframe(1)
                self.add(f"made in {Path(where.co_filename).stem}.{where.co_name} at {here.f_lasti}", value)

        redirected = CallbackParameters.__init__

        def received(parameters: CallbackParameters, values: dict[str, str]) -> None:
            redirected(parameters, values)
            for name in {"code", "state"} & values.keys():
                self.add(f"{name} of a redirect", values[name])

        keyed = MasterKey.__init__

        def opened(key: MasterKey, value: bytes) -> None:
            keyed(key, value)
            self.add("master key", base64.b64encode(value).decode())
            self.add("master key in hex", value.hex())

        Secret.__init__ = made  # type: ignore[method-assign,assignment]
        CallbackParameters.__init__ = received  # type: ignore[method-assign,assignment]
        MasterKey.__init__ = opened  # type: ignore[method-assign,assignment]


class Bug:
    """Raises at one call."""

    def __init__(self, plan: Plan, registry: Registry) -> None:
        self._plan = plan
        self._registry = registry
        self.calls = Counter[str]()

    def watch(self) -> None:
        """In this thread and in all that are started."""
        threading.settrace(self._called)
        sys.settrace(self._called)

    def _called(self, frame: FrameType, event: str, _argument: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(COUNTED) or code.co_name.startswith("<"):
            return None
        if code.co_filename.startswith(NOT_COUNTED):
            return None
        name = f"{code.co_filename[len(str(ROOT)) + 1 :]}:{code.co_qualname}"
        self.calls[name] += 1
        return self._fail if name == self._plan.bug_at and self.calls[name] == self._plan.bug_after + 1 else None

    def _fail(self, frame: FrameType, event: str, _argument: Any) -> Callable[..., Any] | None:
        """At the first line, where the function's own handlers are in force."""
        if event != "line":
            return self._fail
        frame.f_trace = None
        everything = " ".join(self._registry.values)
        values = f"{everything} {dict(frame.f_locals)!r}"
        raise ERRORS[self._plan.error](values)


def main() -> int:
    plan = Plan(**json.loads(sys.argv[1]))
    arguments = sys.argv[2:]
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # as on a machine where they are wanted
    logging.basicConfig(filename=plan.log, level=logging.DEBUG)
    registry = Registry(plan.secrets)
    registry.watch()
    bug = Bug(plan, registry)
    if plan.leaks:
        from tests.support import leaky_builds

        leaky_builds.build(plan.leaks, registry.values)
    from keyswitch import main as run

    bug.watch()
    try:
        return run(arguments)
    finally:
        sys.settrace(None)
        Path(plan.calls).write_text(json.dumps(bug.calls), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
