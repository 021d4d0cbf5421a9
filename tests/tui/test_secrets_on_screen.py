"""No picture of a sign-in shows what was pasted, and none of a chat shows a token."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from textual import events
from textual.pilot import Pilot

from adapters.sandbox.scripted_browser import approve
from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.light import light_services
from entrypoints.sandboxed import OpenSandbox, open_sandbox
from entrypoints.tui.app import KeyswitchApp
from entrypoints.tui.screens.login_dialog import LoginDialog
from tests.support.canaries import Canaries
from tests.support.screen_text import screen_text
from tests.tui.conftest import settled

pytestmark = pytest.mark.slow

TAG = re.compile(r"<[^>]*>")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenSandbox]:
    with open_sandbox(tmp_path / "home", os.environ, chunk_delay=0.0) as sandbox:
        yield sandbox


def picture(pilot: Pilot[int]) -> bytes:
    """The screen as Textual exports it, and the words of it without the drawing between them."""
    svg = pilot.app.export_screenshot()
    words = html.unescape(TAG.sub("", svg)).replace("\xa0", " ")
    return f"{svg}\n{words}\n{words.replace(' ', '')}\n{screen_text(pilot.app)}".encode()


async def until(pilot: Pilot[int], words: str) -> None:
    """Wait for *words* on the screen."""
    while words not in screen_text(pilot.app):
        await pilot.pause(0.05)


@pytest.mark.parametrize("provider", Provider)
async def test_no_picture_of_a_sign_in_or_a_chat_shows_a_secret(opened: OpenSandbox, provider: Provider) -> None:
    canaries, pictures = Canaries(), []
    app = KeyswitchApp(opened.services, light_services(opened.home, opened.environ), TuiOptions())
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await pilot.press(*f"/login --provider={provider}", "enter")
        await until(pilot, "/go/")
        dialog = app.screen
        assert isinstance(dialog, LoginDialog)
        assert dialog._link is not None
        address = approve(dialog._link.url, visit=False)
        canaries.add("pasted address", address)
        for name in ("code", "state"):
            canaries.add(name, parse_qs(urlsplit(address).query)[name][0])
        app.post_message(events.Paste(address))
        while "Logged in to" not in screen_text(app):
            pictures.append(picture(pilot))
            await pilot.pause(0.05)
        pictures.append(picture(pilot))
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press(*"hello", "enter")
        await until(pilot, "You wrote:")
        pictures.append(picture(pilot))
        await pilot.press("f3")
        await until(pilot, "ana@example.test")
        pictures.append(picture(pilot))
    for token in opened.sandbox.live_access_tokens(provider):
        canaries.add("access token", token)
    assert len(pictures) >= 4
    assert {"pasted address", "code", "state", "access token"} <= canaries.names
    assert [str(hit) for shown in pictures for hit in canaries.found_in(shown, "a picture")] == []


async def test_a_secret_in_a_picture_would_be_found(opened: OpenSandbox) -> None:
    """The control: across the end of a line, too."""
    token = "sk-ant-oat01-fake-" + "0123456789abcdef" * 8
    canaries = Canaries()
    canaries.add("token", token)
    app = KeyswitchApp(opened.services, light_services(opened.home, opened.environ), TuiOptions())
    async with app.run_test(size=(60, 30)) as pilot:
        await settled(pilot)
        app.say(f"the token is {token}")
        await until(pilot, "sk-ant")
        assert canaries.found_in(picture(pilot), "a picture")
