"""What can be expected of a machine, a shell and a person ends a command with a sentence, and never as a bug."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.server import Sandbox
from tests.support.fault_home import Homes

pytestmark = pytest.mark.timeout(600)

REPO = Path(__file__).parents[2]

EXPECTED = {0, 1, 2, 3, 4, 5, 6, 7}


def test_no_odd_way_of_starting_is_a_bug(tmp_path: Path) -> None:
    """One test for all: there are hundreds of commands, and each of several workers would run them again."""
    ended = everything(tmp_path)
    assert len(ended) > 400
    ends_in_a_sentence(ended)
    refuses_what_is_no_text(ended)
    does_not_mix_talk_and_result(ended)


def everything(folder: Path) -> list[dict[str, Any]]:
    """How every command ended in every way of `odd_starts`."""
    with Sandbox() as sandbox:
        home = Homes(sandbox, folder).fresh()
        command = [sys.executable, "-m", "tests.support.odd_starts", str(home)]
        environment = {**os.environ, "PYTHONPATH": str(REPO), "HTTPS_PROXY": "http://127.0.0.1:9"}
        done = subprocess.run(command, cwd=REPO, env=environment, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ends_in_a_sentence(ended: list[dict[str, Any]]) -> None:
    odd = [one for one in ended if one["code"] not in EXPECTED or "met a bug" in one["err"] + one["out"]]
    assert not odd, "\n".join(f"{one['way']}: {one['command']}: {one['code']} {one['err']}" for one in odd)


def refuses_what_is_no_text(ended: list[dict[str, Any]]) -> None:
    given = [
        one for one in ended
        if one["way"].split(" on ")[0] in {"latin-1", "utf-16", "half a character"}
        and one["command"][0] != "login"
        and one["command"][-1] != "passphrase"
    ]  # fmt: skip
    assert len(given) == 6
    assert {one["code"] for one in given} == {2}
    assert all("no text in UTF-8" in one["err"] for one in given)


def does_not_mix_talk_and_result(ended: list[dict[str, Any]]) -> None:
    """Where standard error is closed, what would go there does not become the result."""
    usual = {tuple(one["command"]): one["out"] for one in ended if one["way"] == "as usual"}
    closed = {tuple(one["command"]): one["out"] for one in ended if one["way"] == "(2,) closed"}
    for command in (("status",), ("accounts",), ("use", "sonnet"), ("refresh",), ("login", "gemini", "--api-key")):
        assert closed[command].splitlines()[:1] == usual[command].splitlines()[:1], command
