"""A process of another user than the test: `python -m tests.support.two_users ANA ROLE ARGUMENT...`, started as root.

ANA is the number of one user; that of mallory, the other one, follows it.

What a role needs is imported before root is given up: Python may lie where only root can go.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx2

from adapters.sandbox.scripted_browser import approve
from tests.support.become_user import become, become_helpless

EVIL: Final = "ben@example.test"
"""The account of the other user."""

_SECRETS: Final = re.compile(r"http://[\w.\[\]:]+/go/\w+|\bstate=[\w.~-]{16,}|\bcode_challenge=[\w-]{16,}")
_FILES: Final = re.compile(r"file://[\w./%~:-]+")
_LARGEST: Final = 1 << 20
_OF_A_PROCESS: Final = ("cmdline", "environ", "comm", "status", "stat", "maps", "syscall", "stack", "auxv", "mountinfo")


def person(ana: int, *arguments: str) -> None:
    """keyswitch, as ana runs it."""
    become(ana, with_programs=True)
    import keyswitch

    sys.exit(keyswitch.main(list(arguments)))


def careless_person(ana: int, *arguments: str) -> None:
    """The control: the link is an argument of the browser, and whoever comes first is taken for ana's browser."""
    from adapters.sign_in import loopback_listener
    from adapters.sign_in.peer import Caller
    from adapters.system import browser

    @contextmanager
    def in_the_arguments(_: object, url: str) -> Iterator[bool]:
        command = [sys.executable, "-I", "-m", "webbrowser", url]
        silent = subprocess.DEVNULL
        with subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent) as process:
            yield True
            process.kill()

    browser.SystemBrowser.showing = in_the_arguments  # type: ignore[method-assign, assignment]
    loopback_listener.__dict__["caller"] = lambda *_: Caller.WELCOME
    person(ana, *arguments)


def load() -> None:
    """Import what a request takes, by making one: some of it is imported no sooner."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        with httpx2.Client(trust_env=False) as client:
            client.get(f"http://127.0.0.1:{server.server_port}/")


def ana_browses(ana: int, address: str) -> None:
    """Ana's browser, which may read ana's files."""
    load()
    become_helpless(ana)
    link = address
    if address.startswith("file:"):
        page = _Links()
        page.feed(Path(unquote(urlsplit(address).path)).read_text("utf-8"))
        (link,) = page.found
    approve(link)


def mallory_looks(ana: int, machine: str) -> None:
    """Read all that there is to be read, and sign in with it."""
    load()
    become_helpless(ana + 1)
    seen = "\n".join(_everything(ana, Path(machine)))
    found = sorted(set(_SECRETS.findall(seen)))
    for address in sorted({*_FILES.findall(seen), *_doors(ana)}):
        with suppress(OSError, httpx2.HTTPError, ValueError):
            found += _followed(address)
    _tell(found=found, signed_in=_finished(link for link in found if "/go/" in link))


def mallory_knows(ana: int, short: str, url: str) -> None:
    """Everything but the rights: both links of the sign-in are in the wrong hands."""
    load()
    become_helpless(ana + 1)
    forwarded = httpx2.get(short, trust_env=False)
    callback = approve(url, account=EVIL, visit=False)  # the provider is there for everybody
    answer = httpx2.get(callback, trust_env=False)
    for reset in (False, True):
        _send_and_hang_up(callback, reset=reset)
    _tell(
        forwarded=forwarded.status_code,
        learned=_SECRETS.findall(f"{forwarded.headers} {forwarded.text}"),
        answered=answer.status_code,
        said=answer.text,
    )


def _everything(ana: int, machine: Path) -> Iterator[str]:
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and re.search(rf"^Uid:\t{ana}\t", _text(process / "status"), re.MULTILINE):
            yield from (_text(process / name) for name in _OF_A_PROCESS)
            with suppress(OSError):
                yield from (str(link.readlink()) for link in (process / "fd").iterdir())
    for folder, _, names in os.walk(machine):
        yield from (f"{folder}/{name}" for name in names)
        yield from (_text(Path(folder) / name) for name in names)


def _text(path: Path) -> str:
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(_LARGEST).replace(b"\0", b"\n").decode("utf-8", "replace")
    return ""


def _doors(ana: int) -> Iterator[str]:
    """Every port of ana's on loopback, and what could be behind it."""
    for line in _text(Path("/proc/net/tcp")).splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[7]) == ana:
            port = int(fields[1].rpartition(":")[2], 16)
            yield from (
                f"http://127.0.0.1:{port}/{path}" for path in ("", "go/", "callback", "signed-in/", "sign-in.html")
            )


def _followed(address: str) -> list[str]:
    if address.startswith("file:"):
        return _SECRETS.findall(Path(unquote(urlsplit(address).path)).read_text("utf-8", "replace"))
    answer = httpx2.get(address, trust_env=False, timeout=5)
    return _SECRETS.findall(f"{answer.headers} {answer.text}")


def _finished(links: Iterator[str]) -> bool:
    for link in links:
        with suppress(Exception):
            approve(link, account=EVIL)
            return True
    return False


def _send_and_hang_up(address: str, *, reset: bool) -> None:
    """Ask, and be gone before anybody can look who asked."""
    parts = urlsplit(address)
    with socket.create_connection(("127.0.0.1", parts.port or 0)) as connection:
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())


def _tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class _Links(HTMLParser):
    """The links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs)["href"] or "")


ROLES: Final[dict[str, Callable[..., None]]] = {
    role.__name__: role for role in (person, careless_person, ana_browses, mallory_looks, mallory_knows)
}

if __name__ == "__main__":
    ROLES[sys.argv[2]](int(sys.argv[1]), *sys.argv[3:])
