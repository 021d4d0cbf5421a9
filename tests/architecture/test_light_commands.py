"""The commands that people run from prompts and scripts load what they use, and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from entrypoints.light import light_services
from tests.architecture.tree import LAYERS, ROOT
from tests.benchmarks.homes import signed_in_home

HEAVY: Final = {
    "asyncio", "authlib", "cryptography", "genai_prices", "httpx2", "importlib.metadata",
    "keyring", "pydantic", "rich", "ssl", "starlette", "textual", "tomlkit", "uvicorn",
    # Of ours, what only other programs' files need:
    "adapters.session_store.originals", "adapters.earlier_formats.formats",
}  # fmt: skip
"""What no command loads that only looks."""

SLOW_TO_LOAD: Final = HEAVY | {
    # Of the standard library and click, what takes 3 to 15 ms each:
    "click", "dataclasses", "difflib", "email", "hashlib", "inspect", "random", "secrets", "sqlite3", "subprocess",
    # Of ours, what is there for when something goes wrong, and for keys that somebody gave:
    "domain.errors.provider_failures", "domain.text.pasted_key", "domain.text.secret",
    "entrypoints.cli.failure", "entrypoints.words.errors",
}  # fmt: skip
"""What none of those commands loads that a prompt waits for, where all is well."""

MOST_OF_OURS: Final = {
    "--version": 15,
    "--help": 16,
    "status": 122,
    "models": 126,
    "use claude-opus-4.1": 118,
}
"""How many modules of keyswitch's own each of these commands may load, in a home with three accounts. One takes about
0.3 ms. Raise a number only for what the command cannot do without."""

RUN_AND_LIST: Final = """
import sys
from keyswitch import main
try:
    code = main(sys.argv[1:])
except SystemExit as stopped:
    code = stopped.code
loaded = sorted(sys.modules)
import json
print("\\n" + json.dumps({"code": code or 0, "loaded": loaded}))
"""

OTHERS: Final = {
    "status --json": 4, "models --json": 0, "accounts": 0, "accounts --json": 0, "events": 0, "events --json": 0,
    "completion bash": 0, "chats list": 0, "chats list --json": 0,
}  # fmt: skip
"""Commands that only look, with their exit code in an empty home."""


def test_a_command_that_only_looks_loads_nothing_heavy(tmp_path: Path) -> None:
    outcome = {command: _run(command, tmp_path) for command in OTHERS}
    assert {command: code for command, (code, _) in outcome.items()} == OTHERS
    assert {command: found for command, (_, loaded) in outcome.items() if (found := HEAVY & loaded)} == {}


def test_a_command_that_a_prompt_waits_for_loads_what_it_uses(tmp_path: Path) -> None:
    home = signed_in_home(tmp_path)
    light_services(home, {}).auth.switch_provider(
        "gpt-5.1-high"
    )  # the first switch adds a line, with an editor of TOML
    outcome = {command: _run(command, home) for command in MOST_OF_OURS}
    assert {command: code for command, (code, _) in outcome.items()} == dict.fromkeys(MOST_OF_OURS, 0)
    assert {command: found for command, (_, loaded) in outcome.items() if (found := SLOW_TO_LOAD & loaded)} == {}
    ours = {command: sum(name.split(".")[0] in LAYERS for name in loaded) for command, (_, loaded) in outcome.items()}
    assert {command: number for command, number in ours.items() if number > MOST_OF_OURS[command]} == {}


def _run(command: str, home: Path) -> tuple[int, set[str]]:
    """The exit code of *command*, and what it loaded."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    answer = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST, *command.split()],
        cwd=ROOT,
        env=environment | {"CODE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout.splitlines()[-1])
    return result["code"], set(result["loaded"])
