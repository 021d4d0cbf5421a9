"""Device authorization (RFC 8628), offered at the server that a Claude client of one's own may be at."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from adapters.sandbox.scripted_browser import PageRefused, approve_device
from adapters.sandbox.settings import SandboxSettings
from tests.integration.sandbox.conftest import Clock, PeerWith
from tests.integration.sandbox.peer import Peer

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def patient(clock: Clock, peer_with: PeerWith) -> Peer:
    """A sandbox whose time passes when told to."""
    return peer_with(SandboxSettings(clock=clock))


def begin(peer: Peer, **changes: str) -> httpx2.Response:
    settings = peer.settings["claude"]
    fields = {"client_id": settings["client_id"], "scope": " ".join(settings["scopes"]), **changes}
    return peer.http.post(settings["device_authorization_url"], data=fields)


def poll(peer: Peer, begun: dict[str, Any], **changes: str) -> httpx2.Response:
    client_id = peer.settings["claude"]["client_id"]
    fields = {"grant_type": GRANT, "device_code": begun["device_code"], "client_id": client_id, **changes}
    return peer.token("claude", fields)


def error(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_only_the_server_of_a_client_of_ones_own_offers_it(peer: Peer) -> None:
    assert [name for name, table in peer.settings.items() if "device_authorization_url" in table] == ["claude"]


def test_the_answer_has_what_a_person_needs_and_what_the_program_keeps(peer: Peer) -> None:
    answer = begin(peer)
    begun = answer.json()

    assert answer.headers["cache-control"] == "no-store"
    assert begun["verification_uri"] == f"{peer.sandbox.origin('claude')}/oauth/device"
    assert begun["verification_uri_complete"] == f"{begun['verification_uri']}?user_code={begun['user_code']}"
    assert (begun["expires_in"], begun["interval"]) == (600, 5)
    assert begun["device_code"] not in repr(peer.sandbox.log.entries())


@pytest.mark.parametrize("typed", ["as shown", "in small letters", "without the dash", "in the address"])
def test_a_code_typed_and_allowed_opens_a_session_at_the_next_poll(peer: Peer, typed: str) -> None:
    begun = begin(peer).json()
    assert error(poll(peer, begun)) == (400, "authorization_pending")

    code = begun["user_code"]
    match typed:
        case "in the address":
            page = approve_device(begun["verification_uri_complete"], account="ben@example.test")
        case "in small letters":
            page = approve_device(begun["verification_uri"], code.lower(), account="ben@example.test")
        case "without the dash":
            page = approve_device(begun["verification_uri"], code.replace("-", " "), account="ben@example.test")
        case _:
            page = approve_device(begun["verification_uri"], code, account="ben@example.test")

    tokens = poll(peer, begun).json()
    assert page == "Allowed"
    assert tokens["account"]["email_address"] == "ben@example.test"
    assert peer.chat("claude", peer.headers("claude", tokens["access_token"])).status_code == 200
    client_id = peer.settings["claude"]["client_id"]
    assert peer.refresh("claude", {**tokens, "client_id": client_id}).status_code == 200


def test_the_page_shows_the_code_to_compare(peer: Peer) -> None:
    begun = begin(peer).json()

    page = peer.http.get(begun["verification_uri_complete"])

    assert f'<code id="user_code">{begun["user_code"]}</code>' in page.text


def test_a_device_code_is_good_once(peer: Peer) -> None:
    begun = begin(peer).json()
    approve_device(begun["verification_uri_complete"])
    assert poll(peer, begun).status_code == 200

    assert error(poll(peer, begun)) == (400, "invalid_grant")


def test_a_declined_consent_is_told_at_the_next_poll(peer: Peer) -> None:
    begun = begin(peer).json()

    assert approve_device(begun["verification_uri_complete"], decline=True) == "Declined"
    assert error(poll(peer, begun)) == (400, "access_denied")


def test_polling_too_often_is_slowed_down_by_five_seconds_each_time(patient: Peer, clock: Clock) -> None:
    begun = begin(patient).json()
    assert error(poll(patient, begun)) == (400, "authorization_pending")

    clock.now += 4
    assert error(poll(patient, begun)) == (400, "slow_down")
    clock.now += 9
    assert error(poll(patient, begun)) == (400, "slow_down")
    clock.now += 15
    assert error(poll(patient, begun)) == (400, "authorization_pending")


def test_an_old_code_has_expired(patient: Peer, clock: Clock) -> None:
    begun = begin(patient).json()
    clock.now += 600

    assert error(poll(patient, begun)) == (400, "expired_token")
    with pytest.raises(PageRefused, match="invalid_code"):
        approve_device(begun["verification_uri_complete"])


def test_another_client_gets_nothing(peer: Peer) -> None:
    begun = begin(peer).json()
    approve_device(begun["verification_uri_complete"])

    assert error(poll(peer, begun, client_id="fake-other")) == (401, "invalid_client")
    assert error(begin(peer, client_id="fake-other")) == (401, "invalid_client")
    assert poll(peer, begun).status_code == 200


def test_an_unknown_scope_is_refused(peer: Peer) -> None:
    assert error(begin(peer, scope="user:everything")) == (400, "invalid_scope")


def test_an_answer_without_the_cookie_of_the_page_changes_nothing(peer: Peer) -> None:
    begun = begin(peer).json()
    page = peer.http.get(begun["verification_uri_complete"]).text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    fields = {"ticket": begun["user_code"], "csrf": csrf, "account": "ana@example.test", "decision": "allow"}
    peer.http.cookies.clear()

    assert peer.http.post(f"{begun['verification_uri']}/decision", data=fields).status_code == 400
    assert error(poll(peer, begun)) == (400, "authorization_pending")


def test_the_vendors_without_it_do_not_know_the_grant(peer: Peer) -> None:
    for provider in ("chatgpt", "gemini"):
        answer = peer.token(provider, {"grant_type": GRANT, "device_code": "fake-device-code"})
        assert error(answer) == (400, "unsupported_grant_type")
