"""Stand-ins for each vendor's API and token endpoint, which write down all that they are sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import unquote

from domain.provider import Provider

_ANSWER: Final = {"token_type": "Bearer", "expires_in": 3600, "access_token": "made-up-new-access"}
"""Of a token endpoint. It brings no new refresh token, so that the old one is sent again."""


@dataclass
class StandIn:
    """One vendor: whoever asks for a token gets one, and every credential is accepted."""

    port: int = 0
    seen: list[str] = field(default_factory=list)
    """Each request whole: its first line, its headers and its body, also without the escapes of a form."""

    def settings(self) -> dict[str, Any]:
        """What the config says of the provider."""
        base = f"http://127.0.0.1:{self.port}"
        return {
            "client_id": "made-up-client",
            "authorize_url": f"{base}/authorize",
            "token_url": f"{base}/token",
            "revoke_url": f"{base}/revoke",
            "api_base": f"{base}/v1",
        }


@contextmanager
def stand_ins() -> Iterator[dict[Provider, StandIn]]:
    """One for each provider."""
    with ExitStack() as stack:
        yield {provider: stack.enter_context(_running()) for provider in Provider}


@contextmanager
def _running() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Write no line to standard error."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
            request = f"{self.requestline}\n{self.headers}\n{body}"
            stand_in.seen.append(f"{request}\n{unquote(request)}")
            answer = json.dumps(_ANSWER if self.command == "POST" else {"data": [], "models": []}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - the library's name

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
