"""A provider on this machine that answers the question to model `m7` with stream number 7."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.mutated_streams import Stream

_MISSING = 10
"""Bytes that a cut answer promises and does not send."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # an SDK may hang up whenever it likes
        pass


@contextmanager
def serving(streams: Sequence[Stream]) -> Iterator[str]:
    """The address of a server that sends *streams*."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:  # what is asked is not printed
            pass

        def do_POST(self) -> None:  # the name that http.server looks for
            asked = self.rfile.read(int(self.headers.get("content-length") or 0)).decode() + self.path
            found = re.search(r'(?:"model": ?"|models/)m(\d+)', asked)
            assert found is not None, asked
            stream = streams[int(found[1])]
            self.send_response(stream.status)
            if stream.kind:
                self.send_header("content-type", stream.kind)
            self.send_header("content-length", str(len(stream.body) + (_MISSING if stream.reset else 0)))
            self.end_headers()
            self.wfile.write(stream.body)
            self.close_connection = stream.reset

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
