"""Commands started in odd ways, each in a fork of a process that has the program loaded.

`python -m tests.support.odd_starts HOME`: runs every command in every way, one JSON object a line for each: how it
ended and what it wrote. The home is copied for each way, so that what one changes meets no other.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final, NoReturn

import keyswitch

LONGEST: Final = 20
"""Seconds for a command."""

NOT_UTF8: Final = os.fsdecode(b"caf\xe9")

COMMANDS: Final = (
    (), ("--plain",), ("--version",), ("--help",), ("status",), ("status", "--json"), ("login", "--status"),
    ("models",), ("models", "--json"), ("accounts",), ("events",), ("events", "--json"), ("refresh",),
    ("use", "sonnet"),
    ("ask", "-m", "sonnet", "hello"), ("ask", "--json", "hello"), ("login", "gemini", "--api-key"), ("config", "path"),
    ("config", "check"), ("config", "get", "model"), ("config", "set", "ui.theme", "dark"), ("doctor", "--json"),
    ("logout", "claude", "--local"), ("completion", "bash"), ("demo", "--list-scenarios"), ("nonsense",),
    ("login", "claude", "--no-browser", "--timeout", "0.1"),
)  # fmt: skip

_LONG: Final = (("ask", "--json", "hello"), ("doctor", "--json"))
"""They take a quarter of a second each, and meet a full disk or a broken pipe as the others do."""

TELL_TIMES: Final = (("events",), ("status",))

ARGUMENTS: Final = (
    (NOT_UTF8,), ("ask", NOT_UTF8), ("ask", "-m", NOT_UTF8, "hello"), ("ask", "-f", NOT_UTF8, "hello"),
    ("use", NOT_UTF8), ("login", NOT_UTF8), ("login", "claude", "--account", NOT_UTF8),
    ("logout", "claude", "--account", NOT_UTF8),
    ("accounts", "use", "claude", NOT_UTF8), ("config", "get", NOT_UTF8), ("config", "set", "ui.theme", NOT_UTF8),
    ("config", "set", NOT_UTF8, "x"), ("--model", NOT_UTF8), ("demo", "--scenario", NOT_UTF8), ("completion", NOT_UTF8),
    ("use", "--json", NOT_UTF8), ("events", "--" + NOT_UTF8), ("use", ""),
    ("login", "claude", "--profile", NOT_UTF8), ("ask", "--passphrase-fd", "99", "x"),
)  # fmt: skip
"""What is not UTF-8 in the place of everything that a person may write."""

READ: Final = (
    ("ask", "-m", "sonnet", "hello"), ("login", "gemini", "--api-key"),
    ("config", "set", "auth.key_source", "passphrase"),
    ("login", "claude", "--paste", "--timeout", "1"), ("login", "claude", "--no-browser", "--timeout", "1"),
    ("config", "set", "providers.gemini.client_secret"),
)  # fmt: skip
"""What reads standard input."""

INPUTS: Final = {
    "latin-1": b"caf\xe9 au lait\n", "utf-16": "what is this\n".encode("utf-16"), "nothing but nul": b"\0" * 100,
    "half a character": b"caf\xc3", "long": b"x" * 100_000,
}  # fmt: skip

Way = Callable[[], None]


def closed(*numbers: int) -> Way:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


def onto(path: str, *numbers: int) -> Way:
    def point() -> None:
        descriptor = os.open(path, os.O_WRONLY)
        for number in numbers:
            os.dup2(descriptor, number)
        os.close(descriptor)

    return point


def broken(*numbers: int) -> Way:
    """Nobody reads the other end."""

    def point() -> None:
        reader, writer = os.pipe()
        os.close(reader)
        for number in numbers:
            os.dup2(writer, number)
        os.close(writer)

    return point


def variables(**changes: str | None) -> Way:
    def change() -> None:
        for name, value in changes.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        time.tzset()

    return change


def few_files() -> None:
    os.closerange(3, 100)
    resource.setrlimit(resource.RLIMIT_NOFILE, (7, 7))


def no_folder() -> None:
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)  # noqa: PTH106


def no_folder_and_a_relative_home() -> None:
    no_folder()
    os.environ["CODE_HOME"] = "here"


WAYS: Final[dict[str, Way]] = {
    "as usual": lambda: None,
    **{f"{numbers} closed": closed(*numbers) for numbers in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))},
    "a full disk": onto("/dev/full", 1),
    "a full disk for all": onto("/dev/full", 1, 2),
    "a broken pipe": broken(1),
    "a broken pipe for all": broken(1, 2),
    **{
        f"TZ={zone}": variables(TZ=zone)
        for zone in (
            "UTC+24",
            "UTC-24:59",
            "nonsense",
            "",
            ":/etc/passwd",
            "XXX+167:59:59",
            "A" * 300,
            "Asia/Kathmandu",
        )
    },
    "seven files": few_files,
    "no folder": no_folder,
    "no folder and a relative home": no_folder_and_a_relative_home,
    "no HOME": variables(HOME=None, USER=None, LOGNAME=None, TERM=None, PATH=None, LANG=None),
    "a relative HOME": variables(HOME="here", TERM="dumb", USER="", XDG_CONFIG_HOME="there"),
    "no columns": variables(COLUMNS="0", LINES="0", TERM="unknown"),
    "a million columns": variables(COLUMNS="1000000", LINES="-1", TERM="\x1b[31m"),
    "a home that is not UTF-8": lambda: os.environ.update(CODE_HOME=os.environ["CODE_HOME"] + NOT_UTF8),
    "proxies that make no sense": variables(HTTPS_PROXY="::nonsense::", NO_PROXY="\udce9"),
}


def cases() -> Iterator[tuple[str, tuple[str, ...], Way, bytes]]:
    for (name, way), command in product(WAYS.items(), COMMANDS):
        streams = name in {"as usual", "seven files"} or "closed" in name
        if (streams or command not in _LONG) and (command in TELL_TIMES or not name.startswith("TZ=")):
            yield name, command, way, b""
    for command in ARGUMENTS:
        yield "arguments", command, WAYS["as usual"], b""
    for (name, given), command in product(INPUTS.items(), READ):
        yield f"{name} on standard input", command, WAYS["as usual"], given


def main() -> None:
    home = Path(sys.argv[1])
    only = sys.argv[2:]
    for module in (
        "adapters.oauth.device_flow",
        "adapters.sign_in.attempt",
        "entrypoints.container",
        "httpx2",
        "click",
    ):
        importlib.import_module(module)
    for name in ("ask", "doctor", "login", "logout", "refresh", "use", "config", "events", "demo", "accounts"):
        importlib.import_module(f"entrypoints.cli.commands.{name}")
    for way, command, prepare, given in cases():
        if not only or way in only:
            sys.stdout.write(f"{json.dumps(ran(home, way, command, prepare, given))}\n")
            sys.stdout.flush()


def ran(home: Path, way: str, command: tuple[str, ...], prepare: Way, given: bytes) -> dict[str, Any]:
    """How *command* ends that is started in this way."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "home")
        shutil.copytree(home, own)
        shutil.copytree(home, Path(f"{own}{NOT_UTF8}"))
        own.chmod(0o700)
        streams = [os.open(Path(folder, str(number)), os.O_RDWR | os.O_CREAT) for number in range(3)]
        os.pwrite(streams[0], given, 0)
        child = os.fork()
        if child == 0:
            _become(streams, own, prepare)
            sys.argv = ["keyswitch", *command]
            _leave(keyswitch.main())
        _, status, spent = os.wait4(child, 0)
        out, err = (os.pread(stream, 100_000, 0).decode("utf-8", "replace") for stream in streams[1:])
        for stream in streams:
            os.close(stream)
        return {
            "way": way, "command": list(command), "code": os.waitstatus_to_exitcode(status), "out": out, "err": err,
            "seconds": round(spent.ru_utime + spent.ru_stime, 3),
        }  # fmt: skip


def _leave(code: int) -> NoReturn:
    """As an interpreter does, which takes longer: what cannot be written out at the end changes the code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = 120
    os._exit(code)


def _become(streams: list[int], home: Path, prepare: Way) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ["CODE_HOME"] = str(home)
    os.chdir(home.parent)
    Path(os.fsdecode(b"caf\xe9")).write_text("a file", "utf-8")
    signal.alarm(LONGEST)
    prepare()
    sys.stdin, sys.stdout, sys.stderr = (_stream(number, mode) for number, mode in ((0, "r"), (1, "w"), (2, "w")))


def _stream(number: int, mode: str) -> Any:
    """The process's own, as an interpreter makes it; None where that one is closed."""
    try:
        os.fstat(number)
    except OSError:
        return None
    return open(number, mode, encoding="utf-8", closefd=False)


if __name__ == "__main__":
    main()
