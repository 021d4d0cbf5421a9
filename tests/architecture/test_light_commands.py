"""The commands that people run from prompts and scripts load nothing that they do not use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "asyncio", "authlib", "cryptography", "genai_prices", "httpx2", "importlib.metadata",
    "keyring", "pydantic", "rich", "ssl", "starlette", "textual", "tomlkit", "uvicorn",
    # Of ours, what only other programs' files need:
    "adapters.session_store.originals", "adapters.earlier_formats.formats",
}  # fmt: skip

SLOW_TO_LOAD = {"dataclasses", "email", "inspect"}
"""Of the standard library, what takes some 10 ms each: no command that a prompt runs needs it."""

RUN_AND_LIST = """
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


@pytest.mark.parametrize(
    ("command", "code"),
    [("--version", 0), ("--help", 0), ("models", 0), ("models --json", 0), ("status", 4), ("status --json", 4),
     ("accounts", 0), ("accounts --json", 0), ("events", 0), ("events --json", 0), ("completion bash", 0),
     ("chats list", 0), ("chats list --json", 0)],
)  # fmt: skip
def test_a_light_command_loads_nothing_heavy(command: str, code: int, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    answer = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST, *command.split()],
        cwd=ROOT,
        env=environment | {"CODE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout.splitlines()[-1])
    assert result["code"] == code, answer.stderr
    assert not HEAVY.intersection(result["loaded"])
    if command.split(maxsplit=1)[0] in ("--version", "--help", "status", "models"):
        assert not SLOW_TO_LOAD.intersection(result["loaded"])
