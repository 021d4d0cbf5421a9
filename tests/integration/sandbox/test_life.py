"""Starting, stopping, and what the log keeps."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import httpx2
import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import PROVIDERS, SandboxSettings
from tests.integration.sandbox.peer import Peer
from tests.support import sandbox_faults

QUIET_RUN = """
import logging
import threading
from adapters.sandbox.server import Sandbox
from adapters.sandbox import faults
import httpx2
logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of every step that a busy machine makes slow
with Sandbox() as sandbox, httpx2.Client(trust_env=False) as http:
    for provider in sandbox.accounts:
        sandbox.faults.add(provider, "models", faults.Fault("drop"))
        try:
            http.get(sandbox.origin(provider) + ("/v1beta/models" if provider == "gemini" else "/v1/models"))
        except httpx2.RemoteProtocolError:
            pass
    http.get(sandbox.origin("claude") + "/nowhere")
assert threading.active_count() == 1, threading.enumerate()
"""


def test_it_starts_breaks_connections_and_stops_without_a_word() -> None:
    done = subprocess.run([sys.executable, "-X", "dev", "-c", QUIET_RUN], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_provider_has_an_origin_of_its_own_on_loopback(peer: Peer) -> None:
    origins = {peer.sandbox.origin(provider) for provider in PROVIDERS}

    assert len(origins) == 3
    assert {urlsplit(origin).hostname for origin in origins} == {"127.0.0.1"}


def test_a_page_under_a_foreign_host_name_is_not_served(peer: Peer) -> None:
    """Else any website could reach it by a name that resolves to 127.0.0.1."""
    answer = peer.http.get(peer.sandbox.origin("claude"), headers={"host": "evil.example.test"})

    assert answer.status_code == 400


def test_stopping_frees_the_ports_and_may_be_repeated() -> None:
    sandbox = Sandbox()
    sandbox.start()
    ports = [urlsplit(sandbox.origin(provider)).port for provider in PROVIDERS]
    sandbox.stop()
    sandbox.stop()

    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0), timeout=1)


def test_one_that_left_refuses_and_lets_nobody_else_answer_in_its_place() -> None:
    with Sandbox() as sandbox:
        ports = [urlsplit(sandbox.origin(provider)).port or 0 for provider in PROVIDERS]
        sandbox.leave()
        for port in ports:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=1)
            with socket.socket() as other, pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", port))

    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_it_cannot_be_started_twice() -> None:
    with Sandbox() as sandbox, pytest.raises(RuntimeError, match="only once"):
        sandbox.start()


def test_stopping_lets_go_of_a_request_that_hangs(http: httpx2.Client) -> None:
    sandbox = Sandbox()
    sandbox.start()
    peer = Peer(sandbox, http)
    sandbox.faults.add("claude", "chat", faults.hang())
    request = peer.chat_request("claude", peer.key_headers("claude"))
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(http.send(request).status_code))
    waiting.start()
    sandbox.log.wait_for(lambda entry: entry.kind == "chat")

    sandbox.stop()
    waiting.join(10)

    assert answers == [200]


async def test_a_session_can_be_issued_from_within_an_event_loop(peer: Peer) -> None:
    session = await asyncio.to_thread(peer.sandbox.issue_session, "gemini")

    assert peer.sandbox.issue_session("gemini")["client_id"] == session["client_id"]


def test_nobody_is_signed_in_under_an_unknown_name(peer: Peer) -> None:
    with pytest.raises(KeyError, match=r"nobody@example\.test"):
        peer.sandbox.issue_session("claude", "nobody@example.test")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_log_names_account_credential_and_model_and_no_secret(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider, "ben@example.test")
    peer.chat(provider, peer.headers(provider, str(session["access_token"])))
    peer.chat(provider, peer.key_headers(provider))
    peer.refresh(provider, session)

    by_token, by_key, refresh = peer.sandbox.log.entries()

    assert (by_token.kind, by_token.status, by_token.own_live_token) == ("chat", 200, True)
    assert by_token.account == "ben@example.test"
    assert by_token.credential.startswith("oauth:ben@example.test#")
    assert by_token.wire_model
    assert (by_key.credential, by_key.own_live_token, by_key.account) == ("api_key:…1234", True, None)
    assert (refresh.kind, refresh.grant_type, refresh.own_live_token) == ("refresh", "refresh_token", True)
    logged = repr(peer.sandbox.log.entries())
    assert str(session["access_token"]) not in logged
    assert str(session["refresh_token"]) not in logged
    assert peer.sandbox.api_keys[provider][0] not in logged


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("owner", PROVIDERS)
def test_the_log_shows_a_token_that_went_to_the_wrong_provider(peer: Peer, provider: str, owner: str) -> None:
    token = str(peer.sandbox.issue_session(owner)["access_token"])

    answer = peer.chat(provider, peer.headers(provider, token))

    (entry,) = peer.sandbox.log.entries()
    assert (entry.foreign_token, entry.own_live_token) == (owner != provider, owner == provider)
    assert answer.status_code == (200 if owner == provider else 401)


@pytest.mark.parametrize(
    "place",
    [
        {"headers": {"x-api-key": "TOKEN"}},
        {"headers": {"x-anything": "before TOKEN, after"}},
        {"params": {"anything": "TOKEN"}},
        {"json": {"deep": [{"down": "TOKEN"}]}},
        {"data": {"refresh_token": "TOKEN"}},
    ],
)
def test_a_foreign_token_is_found_anywhere_in_a_request(peer: Peer, place: dict[str, object]) -> None:
    token = str(peer.sandbox.issue_session("gemini")["refresh_token"])

    def filled(value: object) -> object:
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return str(value).replace("TOKEN", token)

    request = peer.http.build_request("POST", peer.sandbox.origin("claude"), **filled(place))  # type: ignore[arg-type]  # built from the table
    peer.http.send(request)

    assert peer.sandbox.log.entries()[-1].foreign_token


def test_an_unknown_path_is_logged_and_answered_in_the_vendors_words(peer: Peer) -> None:
    answers = [peer.http.get(f"{peer.sandbox.origin(provider)}/nowhere") for provider in PROVIDERS]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[1].json()["error"]["type"] == "not_found_error"
    assert {entry.kind for entry in peer.sandbox.log.entries()} == {"other"}


def test_waiting_for_a_request_that_never_comes_ends(peer: Peer) -> None:
    with pytest.raises(TimeoutError, match="no matching request within"):
        peer.sandbox.log.wait_for(lambda entry: entry.kind == "revoke", timeout=0.01)


@pytest.mark.parametrize(("provider", "rotated"), [("chatgpt", True), ("claude", True), ("gemini", False)])
def test_the_log_tells_when_a_token_was_rotated(peer: Peer, provider: str, rotated: bool) -> None:
    session = peer.sandbox.issue_session(provider)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    peer.refresh(provider, session)
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)

    (entry,) = peer.sandbox.log.entries()
    assert entry.issued_ns is not None
    assert before < entry.issued_ns < after
    assert (entry.provider, entry.grant_type, entry.outcome) == (provider, "refresh_token", "answered")
    assert entry.rotated is rotated


def test_the_log_tells_what_came_of_each_token_request(peer: Peer) -> None:
    session = peer.sandbox.issue_session("claude")
    for fault in (sandbox_faults.drop(), faults.lost_answer()):
        peer.sandbox.faults.add("claude", "refresh", fault)
        with pytest.raises(httpx2.RemoteProtocolError):
            peer.refresh("claude", session)
    peer.refresh("claude", session)

    entries = peer.sandbox.log.entries()
    assert [entry.outcome for entry in entries] == ["dropped", "lost", "refused"]
    assert [entry.rotated for entry in entries] == [False, True, False]
    assert [entry.error for entry in entries] == [None, None, "invalid_grant"]


def test_a_rotation_is_in_the_log_while_its_answer_is_still_held_back(peer: Peer) -> None:
    session = peer.sandbox.issue_session("claude")
    peer.sandbox.faults.add("claude", "refresh", faults.hang(processed=True))
    answers: list[dict[str, object]] = []
    waiting = threading.Thread(target=lambda: answers.append(peer.refresh("claude", session).json()))
    waiting.start()

    rotated = peer.sandbox.log.wait_for(lambda entry: entry.rotated)
    assert (rotated.outcome, answers) == ("pending", [])

    peer.sandbox.faults.release()
    waiting.join(10)
    assert peer.sandbox.log.wait_for(lambda entry: entry.outcome == "answered").issued_ns == rotated.issued_ns
    assert answers[0]["refresh_token"] != session["refresh_token"]


@pytest.mark.parametrize("path", ["/settled", "/v1/models"])
def test_every_answer_names_the_sandboxs_own_time_once(path: str) -> None:
    with Sandbox(settings=SandboxSettings(clock=lambda: 1_800_000_000.5)) as sandbox:
        for provider in PROVIDERS:
            answer = httpx2.get(f"{sandbox.origin(provider)}{path}", trust_env=False)
            assert answer.headers.get_list("date") == ["Fri, 15 Jan 2027 08:00:00 GMT"]
