"""A strict provider answers oddly: what came whole is not lost, and the spent token is not sent again.

Each row is one oddity of one answer; the provider ends the sign-in at the second use of a refresh token, and counts.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from adapters.http.options import token_options
from adapters.json.strict_json import NotJson, json_object
from adapters.oauth import token_answers
from adapters.oauth.authlib_client import AuthlibClient
from adapters.oauth.token_answers import TokenAnswer, tokens_in
from adapters.providers.profile import load_profile
from application.renewal import spend_token
from application.renewal.coordinator import Renewal
from application.renewal.spend_token import SpendToken
from domain.credential import CredentialKey
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Session, SessionState, state_of
from domain.text.secret import Secret
from tests.support import odd_token_answers as odd
from tests.support.credentials import a_session
from tests.support.earlier_files import jwt
from tests.support.fake_uninterrupted import uninterrupted
from tests.support.oauth_peer import INSTALLATION
from tests.support.strict_server import Say, StrictServer, http, strict_server
from tests.support.world import World

pytestmark = pytest.mark.slow

KEY = CredentialKey(Provider.CLAUDE, "ana")
HOUR = timedelta(hours=1)
SECONDS = timedelta(seconds=10)


@pytest.fixture
async def server() -> AsyncIterator[StrictServer]:
    async with strict_server() as running:
        yield running


@dataclass
class Home:
    """ana's sign-in, and the program over it."""

    world: World
    renewal: Renewal

    @property
    def stored(self) -> Session:
        """Hers, as it is stored."""
        session = self.world.sessions.load(KEY)
        assert isinstance(session, Session)
        return session

    @property
    def others(self) -> list[Session]:
        """Whatever else is stored."""
        found = (self.world.sessions.load(record.key) for record in self.world.sessions.records() if record.key != KEY)
        return [session for session in found if isinstance(session, Session)]

    async def renews(self, **need: Any) -> str:
        """What a renewal comes to: "" or the code of its error."""
        try:
            await self.renewal(KEY, **need)
        except KeyswitchError as error:
            return error.code
        return ""


def a_home(server: StrictServer) -> Home:
    """A new sign-in at *server*."""
    server.start_over()
    session = a_session(account="ana", token_url=f"{server.url}/token", scopes=("chat",))
    workspace = {odd.OPENAI: {"chatgpt_account_id": "mine"}}
    person = Secret(jwt({"sub": "ana", "iss": "https://issuer.example.test", **workspace}))
    world = World(replace(session, refresh_token=Secret("rt-1"), access_token=Secret("at-1"), id_token=person))
    table = {"client_id": "fake-client", "authorize_url": f"{server.url}/a", "token_url": f"{server.url}/token"}
    oauth = AuthlibClient(
        profiles=lambda provider: load_profile(provider, table),
        clock=world.clock,
        installation=INSTALLATION,
        http_options=token_options,
    )
    spend_token = SpendToken(
        sessions=world.sessions, oauth=oauth, end=world.end_session, clock=world.clock, events=world.events,
        chance=lambda: 0.5, strict=lambda: False,
    )  # fmt: skip
    renewal = Renewal(sessions=world.sessions, spend_token=spend_token, clock=world.clock, uninterrupted=uninterrupted)
    world.clock.advance(HOUR)
    return Home(world, renewal)


async def lost(server: StrictServer, rows: Iterable[tuple[str, Say]]) -> list[str]:
    """The rows of good pairs after which the next renewal does not send the new token, or anything else is wrong."""
    wrong = []
    for name, say in rows:
        home = a_home(server)
        server.say = say
        outcome = await home.renews(), await home.renews(force=True)
        if (outcome, server.sent, home.others) != (("", ""), ["rt-1", "rt-2"], []):
            wrong.append(f"{name}: {outcome}, {server.sent}")
        elif home.stored.refresh_token != Secret("rt-3") or home.stored.record.intent is not None:
            wrong.append(f"{name}: {home.stored}")
    return wrong


async def test_a_good_pair_is_stored_and_used_next_whatever_else_is_odd(server: StrictServer) -> None:
    assert await lost(server, odd.good_pairs()) == []


async def test_a_pair_is_not_lost_for_a_connection_that_stays_open(
    server: StrictServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spend_token, "RENEWAL_SECONDS", 2.0)
    home = a_home(server)
    server.stays_open = True
    server.say = lambda members: http(json.dumps(members).encode(), "content-length: 999", framed=False)
    assert [await home.renews(), server.sent] == ["", ["rt-1"]]


async def test_a_build_that_throws_odd_pairs_away_is_caught(
    server: StrictServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(answer: httpx2.Response) -> TokenAnswer | None:
        try:
            json_object(answer.content)
        except NotJson:
            return None
        return tokens_in(answer) if answer.status_code == 200 else None

    monkeypatch.setattr(token_answers, "tokens_in", strict)
    lossy = {"status 201", "utf-8-sig", "scope NaN", "refresh_token twice", "byte b'\\xff'", "a comma too many"}
    rows = [row for row in odd.good_pairs() if row[0] in {*lossy, "nothing odd"}]
    assert {name.partition(":")[0] for name in await lost(server, rows)} == lossy


async def test_an_answer_without_a_refresh_token_leaves_the_old_one_unsent_until_nothing_else_is_left(
    server: StrictServer,
) -> None:
    wrong = []
    for name, say in odd.without_refresh_token():
        home = a_home(server)
        server.say = say
        first = await home.renews(), await home.renews(force=True), await home.renews()
        state = state_of(home.stored.record, home.world.clock.now())
        if (first, server.sent, state) != (("", "", ""), ["rt-1"], SessionState.UNCERTAIN):
            wrong.append(f"{name}: {first}, {server.sent}, {state}")
        if home.stored.access_token != Secret("at-2"):
            wrong.append(f"{name}: {home.stored}")
        home.world.clock.advance(HOUR)
        ends = await home.renews(), await home.renews()
        tombstone = home.stored.record.tombstone
        said = tombstone.reason if tombstone else ""
        if ends != ("session_ended",) * 2 or server.sent != ["rt-1"] * 2 or "held no new refresh token" not in said:
            wrong.append(f"{name}: {ends}, {server.sent}, {said}")
    assert wrong == []


async def test_a_whole_answer_without_tokens_is_not_followed_by_the_same_token_at_once(
    server: StrictServer,
) -> None:
    wrong = []
    for name, say in odd.tokenless():
        home = a_home(server)
        server.say = say
        outcome = await home.renews(), await home.renews()
        if (outcome, server.sent) != (("answer_unreadable", "renewal_paused"), ["rt-1"]):
            wrong.append(f"{name}: {outcome}, {server.sent}")
        home.world.clock.advance(SECONDS)
        ends, tombstone = await home.renews(), home.stored.record.tombstone
        if ends != "session_ended" or tombstone is None or "crash" in tombstone.reason:
            wrong.append(f"{name}: {ends}, {tombstone}")
    assert wrong == []


async def test_an_answer_that_broke_off_is_worth_one_more_try_and_its_loss_is_named(server: StrictServer) -> None:
    wrong = []
    for name, say in odd.cut_off():
        home = a_home(server)
        server.say = say
        outcome = await home.renews()
        if (outcome, server.sent) != ("refresh_interrupted", ["rt-1", "rt-1"]):
            wrong.append(f"{name}: {outcome}, {server.sent}")
    assert wrong == []


async def test_the_pair_of_somebody_else_is_kept_apart_and_named_and_nothing_more_is_sent(server: StrictServer) -> None:
    wrong = []
    for name, say in odd.of_somebody_else():
        home = a_home(server)
        server.say = say
        before = await home.renews(), await home.renews(force=True)
        home.world.clock.advance(HOUR)
        outcome = (*before, await home.renews())
        hers = home.stored
        apart = [session for session in home.others if session.refresh_token == Secret("rt-2")]
        if (outcome, server.sent) != (("session_ended",) * 3, ["rt-1"]):
            wrong.append(f"{name}: {outcome}, {server.sent}")
        if (hers.refresh_token, hers.access_token) != (Secret("rt-1"), Secret("at-1")) or len(apart) != 1:
            wrong.append(f"{name}: {hers}, {apart}")
            continue
        record, tombstone = apart[0].record, hers.record.tombstone
        if record.active or record.tombstone is None or tombstone is None or record.label not in tombstone.reason:
            wrong.append(f"{name}: {record}, {tombstone}")
        refreshed = await home.world.auth.refresh_all_tokens(force=True)
        if [outcome.record.key for outcome in refreshed] != [KEY]:
            wrong.append(f"{name}: {refreshed}")
    assert wrong == []


async def test_an_error_under_a_good_status_is_judged_by_its_error(server: StrictServer) -> None:
    wrong = []
    for name, say, code in odd.errors():
        home = a_home(server)
        server.say = say
        outcome = await home.renews()
        if (outcome, server.sent, home.stored.record.intent) != (code, ["rt-1"], None):
            wrong.append(f"{name}: {outcome}, {server.sent}")
    assert wrong == []


async def test_what_was_odd_goes_into_the_event_log_without_a_word_of_the_answer(server: StrictServer) -> None:
    home = a_home(server)
    server.say = lambda members: http(
        b"\xef\xbb\xbf" + json.dumps({**members, "expires_in": "made-up"}).encode(), status=201
    )
    await home.renews()

    name, facts = home.world.events.recorded[-1]
    assert (name, facts["odd"]) == ("renewed", "status 201, a byte order mark, expires_in not usable")
