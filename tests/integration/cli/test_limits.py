"""`[limits]` at the command line: what is held back never leaves, and what is allowed goes out once."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from tests.support.command import Keyswitch

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "limits.md"
HAIKU = ("-m", "claude-haiku-4.5")


def counted(sandbox: Sandbox) -> int:
    """The questions that reached a server since the last count."""
    number = sum(entry.kind == "chat" for entry in sandbox.log.entries())
    sandbox.log.clear()
    return number


def test_a_question_over_the_limit_is_held_back_until_it_is_allowed_once(
    signed_in: Keyswitch, sandbox: Sandbox
) -> None:
    assert signed_in("config", "set", "limits.day", "0.03").code == 0
    sandbox.log.clear()

    held = signed_in("ask", *HAIKU, "hello")
    assert (held.code, held.out, counted(sandbox)) == (6, "", 0)
    assert "is left of your limit of $0.03 a day (UTC). Nothing was sent. [held_back]" in held.err
    assert "ask --over-limit sends it all the same, --max-output 5" in held.err
    document = signed_in("ask", *HAIKU, "hello", "--json").document["error"]
    assert (document["code"], counted(sandbox)) == ("held_back", 0)

    fits = signed_in("ask", *HAIKU, "hello", "--max-output", str(document["longest_answer"]))
    assert (fits.code, counted(sandbox)) == (0, 1)
    allowed = signed_in("ask", *HAIKU, "hello", "--over-limit")
    assert (allowed.code, counted(sandbox)) == (0, 1)
    assert (signed_in("ask", *HAIKU, "hello").code, counted(sandbox)) == (6, 0), "it was allowed once"

    sandbox.faults.add("claude", "chat", faults.refuse("unavailable"))
    sandbox.expire_access_tokens("claude")
    again = signed_in("ask", *HAIKU, "hello", "--over-limit")
    assert (again.code, counted(sandbox)) == (0, 3), "503, then 401, then the answer: one message, once"
    assert (signed_in("ask", *HAIKU, "hello").code, counted(sandbox)) == (6, 0)

    assert (signed_in("ask", "-m", "gpt-5.1-low", "a plan has no price").code, counted(sandbox)) == (0, 1)
    wrong = signed_in("ask", "-m", "gpt-5.1-low", "hello", "--max-output", "100")
    assert (wrong.code, counted(sandbox)) == (2, 0)


def test_a_limit_that_makes_no_sense_lets_nothing_through_and_doctor_says_so(
    signed_in: Keyswitch, sandbox: Sandbox
) -> None:
    assert signed_in("config", "get", "limits.notice").out == "0.05\n"
    (block,) = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert [signed_in(*shlex.split(line)[1:]).out for line in block.splitlines()][-1] == "5\n"
    for value in ("five", "-1", "1e3", "nan"):
        assert signed_in("config", "set", "limits.day", value).code == 2
    config = signed_in.home / "config.toml"
    config.write_text(config.read_text().replace("day = 5", 'day = "five"'))
    sandbox.log.clear()
    ended = signed_in("ask", *HAIKU, "hello")
    assert (ended.code, counted(sandbox)) == (7, 0)
    said = 'limits.day: expected dollars as a number, such as 5 or 0.50, found the text "five"'
    assert said in ended.err
    assert said in " ".join(json.loads(signed_in("config", "check", "--json").out)["problems"])
    assert said in signed_in("doctor").out
