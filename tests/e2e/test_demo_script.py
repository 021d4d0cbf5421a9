"""`keyswitch demo --script`: the whole product on the sandbox, proven by what the providers logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue.builtin import load_catalogue
from tests.support.command import Ended, Keyswitch

pytestmark = pytest.mark.slow


@pytest.fixture
def keyswitch(tmp_path: Path) -> Keyswitch:
    """The person's own home, which no demo may touch, with keys that no demo may use."""
    home = tmp_path / "home"
    home.mkdir()
    keys = {"OPENAI_API_KEY": "sk-fake-own-0000-1234", "ANTHROPIC_API_KEY": "sk-ant-fake-own-1234"}
    return Keyswitch(home, {**keys, "TMPDIR": str(tmp_path)})


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    home = tmp_path_factory.mktemp("tour") / "home"
    home.mkdir()
    return Keyswitch(home, {})("demo", "--script", "--json")


def of_kind(toured: Ended, kind: str) -> list[dict[str, Any]]:
    return [step for step in toured.documents if step.get("kind") == kind]


def test_the_tour_signs_in_everywhere_and_asks_each_of_the_thirteen_presets(toured: Ended) -> None:
    assert (toured.code, toured.err) == (0, "")
    assert [step["provider"] for step in of_kind(toured, "sign_in")] == ["chatgpt", "claude", "gemini"]
    for step in of_kind(toured, "sign_in"):
        assert {"authorize", "consent", "token"} <= set(step["requests"])
    catalogue = load_catalogue()
    featured = [preset.id for preset in catalogue.presets.values() if preset.featured]
    messages = of_kind(toured, "message")
    assert len(featured) == 13
    assert [step["preset"] for step in messages] == featured
    opus = next(step for step in messages if step["preset"] == "claude-opus-4.1")
    assert opus["lines"][0] == "Switched to Claude Opus 4.1 (Claude OAuth)"
    assert opus["requests"][0]["wire_model"] == "claude-opus-5-5"


def test_each_request_carried_its_providers_live_token_and_the_resolved_model(toured: Ended) -> None:
    catalogue = load_catalogue()
    for step in of_kind(toured, "message") + of_kind(toured, "handoff"):
        (request,) = step["requests"]
        assert request["provider"] == catalogue.presets[step["preset"]].provider
        assert request["wire_model"] == step["resolves_to"]
        assert (request["own_live_token"], request["foreign_token"], request["status"]) == (True, False, 200)
        assert request["credential"].startswith("oauth:ana@example.test")
        assert "ana@example.test" in step["answer"]


def test_a_conversation_goes_round_the_providers_with_its_history(toured: Ended) -> None:
    steps = of_kind(toured, "handoff")
    assert [step["requests"][0]["provider"] for step in steps] == ["chatgpt", "claude", "gemini", "chatgpt"]
    assert [step["earlier_turns"] for step in steps] == [0, 2, 4, 6]
    assert "6 earlier turns came along" in steps[-1]["answer"]


def test_retired_models_get_the_vendors_404_and_wrong_tokens_their_401(toured: Ended) -> None:
    retired = of_kind(toured, "retired_model")
    assert [(step["requests"][0]["provider"], step["requests"][0]["status"]) for step in retired] == [
        ("chatgpt", 404),
        ("claude", 404),
        ("gemini", 404),
    ]
    assert all(step["requests"][0]["own_live_token"] for step in retired)
    refused = of_kind(toured, "ended_token") + of_kind(toured, "wrong_key")
    assert [step["requests"][0]["status"] for step in refused] == [401] * 5
    assert not any(step["requests"][0]["own_live_token"] for step in refused)


def test_the_tour_times_itself_and_stays_below_twenty_seconds(toured: Ended) -> None:
    *steps, summary = toured.documents
    assert summary["event"] == "summary"
    assert (summary["steps"], summary["differing"]) == (len(steps), 0)
    assert 0 < summary["seconds"] < 20
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert sum(step["seconds"] for step in steps) <= summary["seconds"]


def test_the_demo_leaves_no_trace(keyswitch: Keyswitch, tmp_path: Path) -> None:
    assert keyswitch("demo", "--script").code == 0
    assert list(keyswitch.home.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_without_a_terminal_the_tour_is_what_the_demo_shows(keyswitch: Keyswitch) -> None:
    ended = keyswitch("demo")
    assert ended.code == 0
    assert "Switched to Claude Opus 4.1 (Claude OAuth)" in ended.out
    assert "answered 404" in ended.out
    assert ended.lines[-1].startswith("✅ All ")


def test_a_home_of_its_own_is_kept_private_and_can_be_used_again(keyswitch: Keyswitch, tmp_path: Path) -> None:
    folder = tmp_path / "rehearsals"
    for _ in range(2):
        assert keyswitch("demo", "--script", "--home", str(folder)).code == 0
    assert (folder / "config.toml").is_file()
    assert folder.stat().st_mode & 0o077 == 0


def test_the_demo_does_not_move_into_the_persons_own_home(keyswitch: Keyswitch) -> None:
    ended = keyswitch("demo", "--script", "--home", str(keyswitch.home))
    assert ended.code == 2
    assert "your own home folder" in ended.err
    assert list(keyswitch.home.iterdir()) == []


def test_a_misfortune_is_rehearsed_once_all_are_signed_in(keyswitch: Keyswitch) -> None:
    ended = keyswitch("demo", "--script", "--json", "--scenario", "limit")
    assert ended.code == 0
    assert [step["outcome"] for step in of_kind(ended, "rehearsal")] == ["limit_reached"] * 3


def test_a_misfortune_of_signing_in_is_rehearsed_by_signing_in(keyswitch: Keyswitch) -> None:
    ended = keyswitch("demo", "--script", "--scenario", "plan-scope-refused")
    assert ended.code == 0
    assert "Signed in to ChatGPT as ana@example.test, but plan use is off." in ended.out
    assert "use of the ChatGPT plan is off: that permission was not given. Nothing was sent or changed." in ended.out
    assert "Run: keyswitch login chatgpt" in ended.out


def test_the_misfortunes_are_listed_for_people_and_for_programs(keyswitch: Keyswitch) -> None:
    listed = keyswitch("demo", "--list-scenarios")
    document = keyswitch("demo", "--list-scenarios", "--json").document
    assert [line.split()[0] for line in listed.lines] == [one["name"] for one in document["scenarios"]]
    assert {"expired-session", "offline", "wrong-account"} <= {one["name"] for one in document["scenarios"]}


def test_an_unknown_misfortune_gets_the_near_miss(keyswitch: Keyswitch) -> None:
    ended = keyswitch("demo", "--script", "--scenario", "outrage")
    assert ended.code == 2
    assert "Did you mean outage?" in ended.err
