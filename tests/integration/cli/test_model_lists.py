"""`keyswitch models --refresh` at the sandbox, and what the other commands then know."""

from __future__ import annotations

from adapters.sandbox import faults
from adapters.sandbox.faults import changed_list
from adapters.sandbox.server import Sandbox
from tests.support.command import Keyswitch


def test_a_refresh_brings_what_is_new_and_the_lists_serve_offline(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    before = signed_in("models")
    assert "keyswitch models --refresh asks the providers" in before.err

    first = signed_in("models", "--refresh")
    assert first.code == 0
    assert first.lines == [
        "ChatGPT: 7 models; nothing new",
        "Claude: 19 models; nothing new",
        "Gemini: not logged in, not asked",
    ]
    for provider in ("chatgpt", "claude"):
        sandbox.faults.add(provider, "models", changed_list("moved"), times=None)
    second = signed_in("models", "--refresh", "--json").document
    assert [(one["outcome"], one["new"], one["gone"]) for one in second["lists"]] == [
        ("read", ["gpt-7-sol"], ["gpt-6.1-sol"]),
        ("read", ["claude-opus-6"], ["claude-fable-5-2"]),
        ("not logged in", [], []),
    ]
    sandbox.faults.clear()

    for provider in ("chatgpt", "claude"):
        sandbox.faults.add(provider, "models", faults.lost_answer(), times=None)
    offline = signed_in("models", "--refresh")
    assert offline.code == 5
    assert [line.partition(": ")[2].startswith("the list of 20") for line in offline.lines] == [True, True, False]
    assert offline.err.count("cannot be reached") == 2

    shown = signed_in("models")
    assert shown.err.startswith("Lists read today ")
    text = "\n".join(line.rstrip() for line in shown.lines)
    assert "Claude Opus 6 (new, from Claude's list)" in text
    assert "Gpt 7 Sol (new, from your plan's list)" in text
    assert "    Claude Fable 5.2 is no longer in Claude's list since 20" in text
    assert "GPT-6.2 Sol is not in your plan's list of 20" in text

    document = signed_in("models", "--json").document
    assert [one["provider"] for one in document["lists"]] == ["chatgpt", "claude"]
    rows = {row["id"]: row for row in document["models"]}
    told = rows["claude-mythos-5-2"]  # the first that the changed list has
    assert (told["context"], told["ends"]) == (500_000, "2027-03-01")
    assert [rows[name]["on_plan"] for name in ("gpt-6-astra", "gpt-6.2-sol", "claude-opus-6")] == [
        True,
        False,
        None,
    ]
    assert rows["claude-opus-6"]["from_list"]
    assert rows["claude-fable-5-2"]["unlisted"]
    assert signed_in("use", "gpt-6.2-sol").lines == ["Switched to GPT-6.2 Sol (ChatGPT OAuth)"]


def test_with_nobody_signed_in_nothing_is_asked(keyswitch: Keyswitch) -> None:
    ended = keyswitch("models", "--refresh")
    assert ended.code == 4
    assert ended.lines == [f"{name}: not logged in, not asked" for name in ("ChatGPT", "Claude", "Gemini")]
