"""One long answer, shown by keyswitch and by pi in the same run: the CPU time that each takes for it.

Both ask the same server on this machine, which sends an answer of 600 sections, 90 KB, at 8 KB a second in the way of
OpenAI's Responses API. Each runs in a terminal of 100x30 of its own, one after the other. CPU time is that of the
program and of the processes that it has waited for, from the question to the end of the answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.measuring import Row, cpu_seconds, keyswitch, quiet_environment
from tests.benchmarks.rivals_installed import installed
from tests.support import pty_process
from tests.support.pty_process import PtyProcess

SECTIONS: Final = 600
BYTES_A_SECOND: Final = 8 * 1024
_PIECE: Final = 256
_END: Final = "The answer ends here."
MODEL: Final = "gpt-6.1-sol"


_PROSE: Final = """\
## Section {n}

A paragraph of **some** words and of *others* that is long enough to be wrapped at a hundred columns,
as most of them are when a model explains something at its leisure.

"""
_LIST: Final = """\
- the first of two
- the second, with `code` in it and some more words
- the third, [which leads](https://example.test/{n}) to a place of its own

"""
_TABLE: Final = """\
| name | value |
| --- | --- |
| one | {n} |
| two | some more words here |
| three | and the last line of the table |

"""
_CODE: Final = """\
```python
def section_{n}(text: str) -> str:
    words = text.split()
    return " ".join(reversed(words)).upper() + str({n})
```

"""


def answer() -> str:
    """Headings, paragraphs, lists, tables and code, 600 sections in all."""
    kinds = (_PROSE, _LIST, _TABLE, _CODE)
    sections = "".join(kinds[n % len(kinds)].format(n=n) for n in range(SECTIONS))
    return f"{sections}{_END}\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:  # what is asked is not printed
        pass

    def do_GET(self) -> None:  # the name that http.server looks for
        self._say({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:  # the name that http.server looks for
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        text, begun = answer(), time.monotonic()
        item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        place = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
        part = {"type": "output_text", "text": "", "annotations": []}
        response: dict[str, Any] = {"id": "resp_1", "object": "response", "model": MODEL, "output": []}
        self._event("response.created", response={**response, "status": "in_progress"})
        self._event("response.output_item.added", output_index=0, item=item)
        self._event("response.content_part.added", part=part, **place)
        for start in range(0, len(text), _PIECE):
            time.sleep(max(begun + start / BYTES_A_SECOND - time.monotonic(), 0))
            self._event("response.output_text.delta", delta=text[start : start + _PIECE], **place)
        part = {**part, "text": text}
        done = {**item, "status": "completed", "content": [part]}
        self._event("response.output_text.done", text=text, **place)
        self._event("response.content_part.done", part=part, **place)
        self._event("response.output_item.done", output_index=0, item=done)
        usage = {
            "input_tokens": 10,
            "output_tokens": 20_000,
            "total_tokens": 20_010,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        self._event(
            "response.completed", response={**response, "status": "completed", "output": [done], "usage": usage}
        )

    def _event(self, kind: str, **members: Any) -> None:
        line = json.dumps({"type": kind, "sequence_number": 0, **members})
        self.wfile.write(f"event: {kind}\ndata: {line}\n\n".encode())

    def _say(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def _serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def _taken(program: PtyProcess, ready: str) -> float:
    """CPU seconds from the question to the end of the answer."""
    program.until(ready)
    before = cpu_seconds(program.pid)
    program.type("Tell me all of it")
    program.until("Tell me all of it")
    program.type("\r")
    program.until(_END)
    return cpu_seconds(program.pid) - before


def keyswitch_seconds(folder: Path, url: str) -> float:
    """What keyswitch takes, with an API key in a home of its own."""
    home = folder / "keyswitch"
    home.mkdir()
    environment = quiet_environment(home) | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    (home / "config.toml").write_text(f'[providers.chatgpt]\napi_base = "{url}"\n', "utf-8")
    for command, typed in (
        (["login", "chatgpt", "--api-key"], "sk-fake-key-for-a-benchmark-0123456789"),
        (["use", MODEL, "--yes"], ""),
    ):
        subprocess.run(keyswitch(*command), env=environment, input=typed, text=True, check=True, capture_output=True)
    with PtyProcess(keyswitch(), environment) as program:
        return _taken(program, _MODEL_SHOWN)


_MODEL_SHOWN: Final = "GPT-6.1 Sol"


def pi_seconds(folder: Path, url: str, installed: Path) -> float:
    """What pi takes, offline but for the server, without its tools."""
    home = folder / "pi"
    command, environment = pi(home, url, installed)
    with PtyProcess(command, environment, folder=home) as program:
        return _taken(program, MODEL)


def pi(home: Path, url: str, installed: Path) -> tuple[list[str], dict[str, str]]:
    """Its command and environment, with a *home* that is made."""
    home.mkdir()
    model = {"id": MODEL, "reasoning": False, "input": ["text"], "contextWindow": 200_000, "maxTokens": 64_000}
    ours = {"baseUrl": url, "api": "openai-responses", "apiKey": "made-up", "models": [model]}
    (home / "models.json").write_text(json.dumps({"providers": {"local": ours}}), "utf-8")
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ} | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PI_CODING_AGENT_DIR": str(home),
        "PI_OFFLINE": "1",
    }
    command = [str(installed / "node_modules/.bin/pi"), "--provider", "local", "--model", MODEL, "--no-tools"]
    return [*command, "--no-session"], environment


def rivals(installed: Path, *, times: int = 1) -> Row:
    """Both in turn, and the smaller figure of each."""
    pty_process.LONGEST = 120.0  # type: ignore[misc]  # the answer alone takes some 12 s
    ours, theirs = [], []
    with _serving() as url:
        for _ in range(times):
            with tempfile.TemporaryDirectory() as folder:
                ours.append(keyswitch_seconds(Path(folder), url))
                theirs.append(pi_seconds(Path(folder), url, installed))
    mine, others = min(ours), min(theirs)
    return Row(
        f"an answer of {len(answer()) / 1000:.0f} KB at 8 KB a second, CPU", f"{mine:.1f} s", "", "≤ pi",
        mine <= others,
        rival=f"pi {others:.1f} s",
    )  # fmt: skip


if __name__ == "__main__":
    print(rivals(installed().folder, times=2))  # noqa: T201 - a report
