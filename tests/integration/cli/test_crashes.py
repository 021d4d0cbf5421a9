"""A bug anywhere in the program: exit code 70, the place, and no value of anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import LAUNCHER, Ended, Keyswitch

TOKEN = "fake-token-abcdefgh-1234"

PROLOGUE = f"""
import asyncio, gc, sys, threading
import entrypoints.cli.status_report as report
TOKEN = {TOKEN!r}
class Hostile(Exception):
    def __str__(self): raise RuntimeError(TOKEN)
    __repr__ = __str__
def bug(error):
    secret = TOKEN
    raise error
def noted(error):
    error.add_note(TOKEN)
    return error
"""

EPILOGUE = """
report.show_status = show
from entrypoints.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

BUGS = {
    "an error": "bug(ValueError(TOKEN))",
    "an error with a note": "bug(noted(ValueError()))",
    "an error that cannot be shown": "bug(Hostile())",
    "a group of errors": "bug(ExceptionGroup(TOKEN, [ValueError(TOKEN), Hostile()]))",
    "a base exception": "bug(BaseException(TOKEN))",
    "an exit with a text": "bug(SystemExit(TOKEN))",
    "a cancelled task": "bug(asyncio.CancelledError(TOKEN))",
    "a recursion": "show(as_json=as_json)",
}

ELSEWHERE = {
    "a thread": "worker = threading.Thread(target=bug, args=(ValueError(TOKEN),)); worker.start(); worker.join()",
    "a task nobody awaits": """
    async def story():
        async def fails(): bug(ValueError(TOKEN))
        asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    from entrypoints.cli.home import run_async
    run_async(story())""",
    "a callback": """
    async def story():
        asyncio.get_running_loop().call_soon(bug, ValueError(TOKEN))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    from entrypoints.cli.home import run_async
    run_async(story())""",
}


def run(keyswitch: Keyswitch, body: str, *arguments: str) -> Ended:
    script = f"{PROLOGUE}def show(*, as_json):\n    {body}\n    return 0\n{EPILOGUE}"
    done = subprocess.run(
        [sys.executable, "-c", script, "status", *arguments],
        env=keyswitch.environment(PYTHONPATH=str(LAUNCHER.parent)),
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("body", BUGS.values(), ids=BUGS)
def test_a_bug_ends_the_command_with_70_and_is_told_without_its_text(keyswitch: Keyswitch, body: str) -> None:
    ended = run(keyswitch, body, "--json")
    assert ended.code == 70
    assert json.loads(ended.out)["error"]["code"] == "crash"
    assert "keyswitch met a bug of its own" in ended.err
    assert TOKEN not in ended.out + ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("body", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_bug_beside_the_command_is_told_and_ends_in_70_as_well(keyswitch: Keyswitch, body: str) -> None:
    ended = run(keyswitch, body)
    assert ended.code == 70
    assert "keyswitch met a bug of its own (ValueError)" in ended.err
    assert TOKEN not in ended.out + ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("when", ["gc.collect()", ""], ids=["at once", "at exit"])
def test_a_bug_in_a_destructor_is_told_and_fails_nothing(keyswitch: Keyswitch, when: str) -> None:
    body = f"""
    class Leaky:
        def __init__(self): self.ring = self
        def __del__(self): bug(ValueError(TOKEN))
    global kept
    kept = Leaky()
    del kept
    {when}"""
    ended = run(keyswitch, body)
    assert ended.code == 0
    assert TOKEN not in ended.out + ended.err
    assert "Traceback" not in ended.err


def test_a_bug_is_not_told_by_python_where_standard_error_is_closed(keyswitch: Keyswitch) -> None:
    ended = run(keyswitch, "sys.stderr.close(); bug(ValueError(TOKEN))", "--json")
    assert ended.code == 70
    assert json.loads(ended.out)["error"]["code"] == "crash"
    assert TOKEN not in ended.out + ended.err


def test_python_would_tell_all_of_it(tmp_path: Path) -> None:
    """The control: some of these bugs without the guard."""
    for body in (BUGS["an error"], BUGS["a group of errors"], BUGS["an exit with a text"], *ELSEWHERE.values()):
        script = f"{PROLOGUE}as_json = False\ndef show(*, as_json):\n    {body}\nshow(as_json=False)\n"
        script = script.replace("from entrypoints.cli.home import run_async", "run_async = asyncio.run")
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={"PYTHONPATH": str(LAUNCHER.parent)},
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
        )
        assert TOKEN in done.stderr, body
