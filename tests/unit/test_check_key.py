"""A key is tested before it is stored: only its own provider hears of it, and what that says is one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from application.use_cases.check import Checked
from domain.errors import AnswerUnreadable, AuthRejected, KeyswitchError, LimitReached, Offline, UsageError
from domain.provider import Provider
from domain.text.secret import Secret
from entrypoints.words.api_keys import may_be_stored_untested, verdict
from tests.support.world import World

KEY = Secret("sk-ant-api03-fake-0000-1111")

SAID: tuple[tuple[bool | KeyswitchError, str, bool], ...] = (
    (True, "", False),
    (False, "Claude offers no way to test a key.", False),
    (AuthRejected(Provider.CLAUDE), "Claude does not accept this key: copy it whole, or make a new one.", False),
    (LimitReached(Provider.CLAUDE), "its account has no credit left or is at its limit.", True),
    (Offline(Provider.CLAUDE, "no route"), "could not be tested. Claude cannot be reached: no route.", True),
    (AnswerUnreadable(Provider.CLAUDE, "it is no JSON"), "answered with something keyswitch cannot read", True),
)


def asked(check: Awaitable[Checked]) -> Checked:
    async def wait() -> Checked:
        return await check

    return asyncio.run(wait())


def test_what_the_provider_says_is_one_sentence_and_says_whether_the_key_may_be_stored_all_the_same() -> None:
    wrong = []
    for answer, sentence, untested in SAID:
        world = World()
        world.chat.checks[Provider.CLAUDE] = [answer]
        checked = asked(world.loaded.check_key(Provider.CLAUDE, KEY))
        words = verdict(checked)
        if sentence not in words or may_be_stored_untested(checked) is not untested or "1111" in words:
            wrong.append(words)
        assert world.sessions.records() == (), "nothing is stored by a test"
    assert not wrong


def test_a_key_of_somebody_else_is_sent_nowhere() -> None:
    world = World()
    for given in ("sk-proj-fake-0000-1111", "sk-ant-oat01-fake-0000-1111", "hunter two", ""):
        with pytest.raises(UsageError):
            asked(world.loaded.check_key(Provider.CLAUDE, Secret(given)))
    assert world.chat.checked == []


def test_a_provider_that_does_not_answer_in_time_could_not_be_asked() -> None:
    world = World()
    world.chat.check_waits = True
    checked = asked(world.loaded.check_key(Provider.CLAUDE, KEY, seconds=0.01))
    assert "no answer within" in verdict(checked)
    assert may_be_stored_untested(checked)
