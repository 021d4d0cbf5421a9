"""A laptop's agent at a real Unix socket, as a test plays it: it relays to nobody, and answers as the test says."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

from adapters.forwarding.protocol import ABOUT, CREDENTIALS, ERROR_HEADER, PROBLEM_TYPE, RELAY, VERSION, About, Member
from domain.credential import CredentialRecord
from domain.forwarding.forwarded_key import at_home
from tests.support.fake_laptops import LAPTOP

HOST = "0123abcd"
"""What names of sockets of this machine begin with."""


class Asked:
    """A relayed request as it came."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.method, self.target = handler.command, handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = handler.rfile.read(int(self.headers.get("content-length", "0")))


class Relayed:
    """What the agent passes on in answer to a relayed request."""

    def __init__(self, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.body, self.status = body, status
        self.headers = {"content-type": "text/event-stream", **(headers or {})}
        self.length: int | None = None
        """What `content-length` says; None: the truth."""


def problem(code: str, *, status: int = 403, detail: str = "", command: str = "") -> Relayed:
    """An answer of the agent's own."""
    members = {"code": code, "detail": detail} | ({"command": command} if command else {})
    headers = {"content-type": PROBLEM_TYPE, ERROR_HEADER: "1"}
    return Relayed(json.dumps(members).encode(), status=status, headers=headers)


class FakeAgent:
    """Answers as a test says, and keeps the relayed requests."""

    def __init__(self, *records: CredentialRecord, agent: str = LAPTOP) -> None:
        self.about: dict[str, Any] = {
            About.PROTOCOL: VERSION, About.INSTANCE: "made-up", About.AGENT: agent, About.NAME: "anas-laptop",
            About.LOCKED: False, About.UNTIL: None,
        }  # fmt: skip
        self.lends: list[Any] = [lent(record) for record in records]
        self.refusal: Relayed | None = None
        """In the place of what it lends."""
        self.relays: Callable[[Asked], Relayed] = lambda _: Relayed(b"")
        self.requests: list[Asked] = []
        self.connections = 0
        self.silent = threading.Event()
        """While set, it takes connections and says nothing."""
        self.path = ""
        self._over = threading.Event()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request of a remote."""
        while self.silent.is_set() and not self._over.wait(0.01):
            pass
        if handler.path == ABOUT:
            self._say(handler, Relayed(json.dumps(self.about).encode()))
        elif handler.path == CREDENTIALS:
            self._say(handler, self.refusal or Relayed(json.dumps({"credentials": self.lends}).encode()))
        else:
            assert handler.path.startswith(RELAY)
            self.requests.append(asked := Asked(handler))
            self._say(handler, self.relays(asked))

    def _say(self, handler: BaseHTTPRequestHandler, relayed: Relayed) -> None:
        handler.send_response(relayed.status)
        for name, value in relayed.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(relayed.body) if relayed.length is None else relayed.length))
        handler.end_headers()
        handler.wfile.write(relayed.body)
        handler.close_connection = relayed.length is not None or handler.headers.get("connection") == "close"

    def close(self) -> None:
        """Let nobody wait any more."""
        self._over.set()


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 200


@contextmanager
def serving(agent: FakeAgent, folder: Path, *, name: str = f"{HOST}-5d0e77c2a1b4.sock") -> Iterator[FakeAgent]:
    """Let *agent* listen at a socket in *folder*, as the user's `sshd` makes it; like that one, it leaves it behind."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            agent.answer(self)

        do_POST = do_GET  # noqa: N815

        def handle(self) -> None:
            agent.connections += 1
            with suppress(OSError):  # whoever asked has gone
                super().handle()

        def address_string(self) -> str:
            return "a remote"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            return

    folder.mkdir(mode=0o700, exist_ok=True)
    agent.path = str(folder / name)
    before = os.umask(0o177)
    try:
        server = _Server(agent.path, Handler)
    finally:
        os.umask(before)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield agent
    finally:
        agent.close()
        server.shutdown()
        server.server_close()
        thread.join()


def lent(record: CredentialRecord) -> dict[str, Any]:
    """*record*, one of the kind `FORWARDED`, as its laptop tells of it."""
    key, _ = at_home(record.key)
    ends = record.sign_in_expires_at
    return {
        Member.PROVIDER: key.provider.value, Member.KIND: key.kind.value, Member.ACCOUNT: key.account,
        Member.LABEL: record.label, Member.PAYER: record.payer.value, Member.SCOPES: list(record.scopes),
        Member.PLAN_SCOPE: record.plan_scope, Member.STATE: "logged_in", Member.GENERATION: record.generation,
        Member.ACTIVE: record.active, Member.SIGN_IN_EXPIRES_AT: ends.isoformat() if ends else None,
        Member.API_BASE: record.api_base, Member.IMPORTED: record.imported, Member.SESSION_ID: record.session_id,
    }  # fmt: skip
