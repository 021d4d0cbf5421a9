"""Self-registration at ChatGPT, by the command: one client, whatever comes between consent and session."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from adapters.sandbox import faults
from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from adapters.system.registered_client import NAME
from tests.integration.cli.test_signing_in import finish
from tests.support.command import Ended, Keyswitch

pytestmark = pytest.mark.slow

ANA, BEN = "ana@example.test", "ben@example.test"
BOOTSTRAP = "dynamic_agent_client"


def login(keyswitch: Keyswitch, *arguments: str, account: str = ANA) -> Ended:
    with keyswitch.started("login", "chatgpt", *arguments, "--no-browser", "--json") as process:
        return finish(process, lambda url: approve(url, account=account))


def asked_as(ended: Ended) -> list[str]:
    """The client of each authorize address, in order."""
    addresses = [line["url"] for line in ended.documents if line["event"] == "authorize"]
    return [parse_qs(urlsplit(url).query)["client_id"][0] for url in addresses]


def failing_once(keyswitch: Keyswitch, sandbox: Sandbox, *arguments: str, account: str = ANA) -> Ended:
    """A sign-in whose exchange fails after the client was registered."""
    sandbox.faults.add("chatgpt", "token", faults.refuse("unavailable"))
    ended = login(keyswitch, *arguments, account=account)
    assert (ended.code, ended.documents[-1]["event"]) == (5, "failed")
    return ended


def kept(keyswitch: Keyswitch) -> str | None:
    """The client that has no session yet."""
    path = Path(keyswitch.home / NAME)
    return str(json.loads(path.read_text("utf-8"))["client_id"]) if path.exists() else None


def _approve_in_vain(url: str) -> None:
    """A browser whose last page never comes."""
    with suppress(httpx2.HTTPError):
        approve(url)


def test_one_client_is_registered_although_the_first_exchange_fails(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    before = sandbox.registered_clients
    first = failing_once(at_sandbox, sandbox)
    issued = kept(at_sandbox)
    assert asked_as(first) == [BOOTSTRAP]
    assert issued is not None

    second = login(at_sandbox)

    assert (second.code, asked_as(second)) == (0, [issued])
    assert sandbox.registered_clients == before + 1
    assert kept(at_sandbox) is None
    assert at_sandbox("refresh", "chatgpt", "--force").code == 0


def test_a_process_that_is_killed_while_it_exchanges_the_code_costs_no_second_registration(
    at_sandbox: Keyswitch, sandbox: Sandbox
) -> None:
    before = sandbox.registered_clients
    sandbox.faults.add("chatgpt", "token", faults.hang())
    with at_sandbox.started("login", "chatgpt", "--no-browser", "--json") as process:
        assert process.stdout is not None
        browser = Thread(target=_approve_in_vain, args=(json.loads(process.stdout.readline())["url"],))
        browser.start()
        sandbox.log.wait_for(lambda entry: (entry.provider, entry.kind) == ("chatgpt", "token"))
        process.kill()
    sandbox.faults.release()
    browser.join()
    issued = kept(at_sandbox)

    again = login(at_sandbox)

    assert (again.code, asked_as(again)) == (0, [issued])
    assert sandbox.registered_clients == before + 1


def test_a_client_that_the_token_endpoint_refuses_is_replaced_once(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    failing_once(at_sandbox, sandbox)
    issued, before = kept(at_sandbox), sandbox.registered_clients
    sandbox.faults.add("chatgpt", "token", faults.answer(401, b'{"error": "invalid_client"}'))

    with at_sandbox.started("login", "chatgpt", "--no-browser", "--json") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        approve(first["short_url"])
        second = json.loads(process.stdout.readline())
        approve(second["short_url"])
        last = json.loads(process.stdout.readline())
        assert process.wait(timeout=30) == 0

    clients = [parse_qs(urlsplit(line["url"]).query)["client_id"][0] for line in (first, second)]
    assert (clients, last["event"]) == ([issued, BOOTSTRAP], "signed_in")
    assert sandbox.registered_clients == before + 1
    assert kept(at_sandbox) is None


def test_a_client_that_the_page_refuses_is_left_out_at_the_next_sign_in(
    at_sandbox: Keyswitch, sandbox: Sandbox
) -> None:
    failing_once(at_sandbox, sandbox)
    issued = kept(at_sandbox)
    sandbox.forget_registered_clients()
    refused: list[int] = []
    with at_sandbox.started("login", "chatgpt", "--no-browser", "--json", "--timeout", "3") as process:
        stuck = finish(process, lambda url: refused.append(httpx2.get(url).status_code))
    assert (asked_as(stuck), refused) == ([issued], [400])
    assert stuck.documents[-1]["error"]["code"] == "sign_in_timed_out"

    again = login(at_sandbox)

    assert (again.code, asked_as(again)) == (0, [BOOTSTRAP])
    assert kept(at_sandbox) is None


def test_a_further_account_registers_its_own_client(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    failing_once(at_sandbox, sandbox)
    issued, before = kept(at_sandbox), sandbox.registered_clients

    added = login(at_sandbox, "--add", account=BEN)

    assert (added.code, asked_as(added)) == (0, [BOOTSTRAP])
    assert sandbox.registered_clients == before + 1
    assert kept(at_sandbox) == issued


def test_signing_in_again_uses_the_client_of_the_session_and_keeps_no_other(
    at_sandbox: Keyswitch, sandbox: Sandbox
) -> None:
    login(at_sandbox)
    before = sandbox.registered_clients
    failing_once(at_sandbox, sandbox)
    assert kept(at_sandbox) is None
    assert login(at_sandbox).code == 0
    assert sandbox.registered_clients == before


def test_a_damaged_file_costs_one_registration_and_no_sign_in(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    failing_once(at_sandbox, sandbox)
    (at_sandbox.home / NAME).write_bytes(b'{"client_id": "oaia')
    before = sandbox.registered_clients
    again = login(at_sandbox)
    assert (again.code, asked_as(again)) == (0, [BOOTSTRAP])
    assert sandbox.registered_clients == before + 1
