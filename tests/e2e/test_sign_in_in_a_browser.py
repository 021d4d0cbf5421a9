"""The whole sign-in as a person sees it: the command, a real Chromium, consent, the last page, and what it leaves."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from socket import gethostname
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest

from adapters.sandbox.server import Sandbox
from domain.errors import SignInError
from domain.provider import Provider
from tests.support.command import Keyswitch
from tests.support.oauth_peer import client_of
from tests.support.webdriver import Browser, browsing

pytestmark = pytest.mark.slow

ANA = "ana@example.test"

CODE = "fake-code-"
"""How every code of the sandbox begins."""

DEEP_TEXT = """
const found = [];
const walk = (node) => {
  for (const child of node.querySelectorAll('*')) {
    if (child.href) found.push(child.href);
    for (const name of child.getAttributeNames()) found.push(child.getAttribute(name));
    if (child.shadowRoot) { found.push(child.shadowRoot.textContent); walk(child.shadowRoot); }
  }
};
walk(document);
return found.join('\\n');
"""
"""All that a page shows or links to, inside its components as well."""


@dataclass(frozen=True)
class Visit:
    """One sign-in that was approved, and what the browser held when the command had ended."""

    provider: Provider
    begun: dict[str, Any]
    ended: dict[str, Any]
    status: dict[str, Any]
    heading: str
    page: str
    source: str
    url: str
    rest: str
    """Referrer, cookies, title and storage of the page."""
    entries: list[str]
    """The addresses that one can go back to."""
    colours: dict[str, str]
    pictures: dict[str, bytes]
    loaded: int
    """What the page fetched beside itself."""
    history: str
    """The browser's own page about what was visited."""
    tokens: tuple[str, ...]
    """The access tokens that the provider took then; one that is asked for its code again takes them back."""
    database: list[str]
    """Each address in its files."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def programs(system_program: Callable[[str, str], str]) -> tuple[str, str]:
    return system_program("chromium", "chromium"), system_program("chromedriver", "chromium-driver")


@pytest.fixture(scope="module", params=list(Provider))
def visit(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sandbox: Sandbox,
    programs: tuple[str, str],
) -> Visit:
    """Once for each provider: starting a browser takes seconds."""
    provider: Provider = request.param
    folder = tmp_path_factory.mktemp(provider.value)
    keyswitch = at_the(sandbox, folder)
    with browsing(*programs, folder / "profile") as browser:
        begun, ended = go_through(keyswitch, browser, provider, "allow")
        seen = Visit(
            provider=provider,
            begun=begun,
            ended=ended,
            status=keyswitch("status", "--json").document,
            heading=browser.text("h1"),
            page=browser.text("main"),
            source=browser.source,
            url=browser.url,
            rest=str(browser.run("return [document.referrer, document.cookie, document.title, {...localStorage}]")),
            entries=browser.entries(),
            colours={scheme: background(browser, scheme) for scheme in ("light", "dark")},
            pictures={scheme: picture(browser, scheme) for scheme in ("light", "dark")},
            loaded=browser.run("return performance.getEntriesByType('resource').length"),
            history="",
            tokens=sandbox.live_access_tokens(provider.value),
            database=[],
        )
        browser.open("chrome://history")
        history = browser.wait_for(DEEP_TEXT, lambda text: seen.url in text)
    return replace(seen, history=history, database=addresses(folder / "profile"))


def at_the(sandbox: Sandbox, folder: Path) -> Keyswitch:
    """The command, with its providers at *sandbox*."""
    keyswitch = Keyswitch(folder / "home", {})
    keyswitch.configure(providers=sandbox.provider_settings())
    return keyswitch


def go_through(
    keyswitch: Keyswitch, browser: Browser, provider: Provider, decision: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the command said first and last, with a person in between who presses the button *decision*."""
    with keyswitch.started("login", provider.value, "--no-browser", "--json") as process:
        assert process.stdout is not None
        begun = json.loads(process.stdout.readline())
        browser.open(begun["short_url"])
        browser.click(f"button[value={decision}]")
        ended = json.loads(process.stdout.readline())
        process.wait()
    return begun, ended


def background(browser: Browser, scheme: str) -> str:
    browser.colours(scheme)
    return str(browser.run("return getComputedStyle(document.body).backgroundColor"))


def picture(browser: Browser, scheme: str) -> bytes:
    browser.colours(scheme)
    return browser.picture()


def addresses(profile: Path) -> list[str]:
    """Those of Chromium's database, once it has ended."""
    with closing(sqlite3.connect(profile / "Default" / "History")) as history:
        return [str(row[0]) for row in history.execute("SELECT url FROM urls")]


def test_it_ends_on_a_page_that_says_who_is_signed_in_where(visit: Visit) -> None:
    assert (visit.ended["event"], visit.ended["account"]) == ("signed_in", ANA)
    assert visit.heading == f"✓ Signed in to {visit.provider.label}"
    assert f"You are signed in as {ANA}. Return to your terminal." in visit.page
    assert f"keyswitch on {gethostname()}" in visit.page
    signed_in = {one["id"] for one in visit.status["providers"] if one["signed_in"]}
    assert signed_in == {visit.provider.value}


def test_neither_address_bar_nor_page_holds_a_code_a_state_or_a_token(visit: Visit) -> None:
    asked = parse_qs(urlsplit(visit.begun["url"]).query)
    assert visit.tokens
    secrets = [*asked["state"], *asked["code_challenge"], *visit.tokens, CODE]

    place = urlsplit(visit.url)

    assert (place.path.startswith("/signed-in/"), place.query, place.fragment) == (True, "", "")
    assert [secret for secret in secrets if secret in visit.source + visit.url + visit.rest] == []


def test_neither_going_back_nor_the_history_shows_a_code(visit: Visit) -> None:
    came_back = visit.begun["redirect_uri"]

    assert visit.entries[-1] == visit.url
    assert not any(CODE in entry or entry.startswith(came_back) for entry in visit.entries)
    assert visit.url in visit.history
    assert CODE not in visit.history
    assert came_back not in visit.history.replace(quote(came_back, safe=""), "")


async def test_the_code_in_the_browser_s_files_is_worth_nothing(visit: Visit, sandbox: Sandbox) -> None:
    """Chromium notes each address that it was redirected through, where no page shows it. By then the code is spent."""
    (noted,) = [address for address in visit.database if CODE in address]
    found = {name: values[0] for name, values in parse_qs(urlsplit(noted).query).items()}
    client = client_of(sandbox)
    attempt = await client.authorize(visit.provider, redirect_uri=noted.partition("?")[0])

    with pytest.raises(SignInError):
        await client.exchange(attempt, {**found, "state": attempt.state.reveal()})


def test_the_last_page_is_dark_and_light_and_needs_no_network(visit: Visit) -> None:
    """The command has ended when it is looked at: what the page needs is in it."""
    assert visit.colours == {"light": "rgb(246, 247, 249)", "dark": "rgb(13, 17, 23)"}
    assert visit.pictures["light"] != visit.pictures["dark"]
    assert visit.loaded == 0


def test_a_person_who_declines_reads_so_in_both_places(
    tmp_path: Path, sandbox: Sandbox, programs: tuple[str, str]
) -> None:
    keyswitch = at_the(sandbox, tmp_path)
    with browsing(*programs, tmp_path / "profile") as browser:
        for provider in Provider:
            _, ended = go_through(keyswitch, browser, provider, "deny")

            assert ended["event"] == "failed"
            assert ended["error"]["code"] == "sign_in_declined"
            assert browser.text("h1") == "✕ Sign-in was declined"
            assert "Nothing was changed" in browser.text("main")
            assert urlsplit(browser.url).query == ""


def test_opening_the_link_again_in_the_same_browser_goes_on_with_the_same_sign_in(
    tmp_path: Path, sandbox: Sandbox, programs: tuple[str, str]
) -> None:
    sandbox.log.clear()
    keyswitch = at_the(sandbox, tmp_path)
    with (
        browsing(*programs, tmp_path / "profile") as browser,
        keyswitch.started("login", "gemini", "--no-browser", "--json") as process,
    ):
        assert process.stdout is not None
        short = json.loads(process.stdout.readline())["short_url"]
        for _ in range(3):
            browser.open(short)
            assert "asks for access" in browser.text("h1")
        browser.click("button[value=allow]")
        assert json.loads(process.stdout.readline())["event"] == "signed_in"
        process.wait()

    assert sandbox.log.count("gemini", "token") == 1


def test_the_file_that_the_browser_is_given_leads_to_the_sign_in_as_often_as_it_is_opened(
    tmp_path: Path, sandbox: Sandbox, programs: tuple[str, str]
) -> None:
    keyswitch = at_the(sandbox, tmp_path)
    given = tmp_path / "given"
    os.mkfifo(given)
    opener = tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\necho "$1" > {given}\n')
    opener.chmod(0o755)
    with (
        browsing(*programs, tmp_path / "profile") as browser,
        keyswitch.started("login", "claude", "--json", BROWSER=f"{opener} %s") as process,
    ):
        assert process.stdout is not None
        authorize = json.loads(process.stdout.readline())
        address = given.read_text("utf-8").strip()
        assert address == (keyswitch.home / "sign-in.html").as_uri()
        for _ in range(2):
            browser.open(address)
            assert "asks for access" in browser.wait_for("return document.body.innerText", lambda text: "asks" in text)
        browser.open(authorize["short_url"])
        browser.click("button[value=allow]")
        assert json.loads(process.stdout.readline())["event"] == "signed_in"
        process.wait()
        assert browser.text("h1") == "✓ Signed in to Claude"
    assert not (keyswitch.home / "sign-in.html").exists()


def test_a_second_browser_ends_the_sign_in_and_both_sides_say_so(
    tmp_path: Path, sandbox: Sandbox, programs: tuple[str, str]
) -> None:
    keyswitch = at_the(sandbox, tmp_path)
    with (
        browsing(*programs, tmp_path / "profile") as browser,
        keyswitch.started("login", "claude", "--no-browser", "--json") as process,
    ):
        assert process.stdout is not None
        authorize = json.loads(process.stdout.readline())
        assert httpx2.get(authorize["short_url"], trust_env=False).status_code == 302
        browser.open(authorize["short_url"])
        assert "This link was opened in another browser before" in browser.text("h1")
        ended = json.loads(process.stdout.readline())
        process.wait()
    assert (ended["event"], ended["error"]["code"]) == ("failed", "link_opened_twice")
