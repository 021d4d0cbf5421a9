"""An OAuth client that is missing is entered in the app, or a key in its place; the providers are the sandbox's."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
import tomlkit
from textual.pilot import Pilot

from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.sandboxed import OpenSandbox, open_sandbox
from entrypoints.tui.app import KeyswitchApp
from entrypoints.tui.screens.client_dialog import ClientDialog
from entrypoints.tui.screens.key_dialog import KeyDialog
from entrypoints.tui.widgets.field import Field
from tests.support.canaries import Canaries
from tests.support.screen_text import screen_text
from tests.tui.conftest import settled
from tests.tui.test_secrets_on_screen import picture

pytestmark = pytest.mark.slow

LONGEST = 20.0
"""Seconds."""

PRIVATE = ("client_id", "client_secret", "quota_project")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenSandbox]:
    """Without a client for Claude and Gemini."""
    with open_sandbox(tmp_path / "home", os.environ, chunk_delay=0.0) as sandbox:
        config = sandbox.home / "config.toml"
        document = tomlkit.parse(config.read_text("utf-8"))
        for table in document["providers"].values():
            for name in PRIVATE:
                table.pop(name, None)
        config.write_text(tomlkit.dumps(document), "utf-8")
        yield sandbox


def app_over(opened: OpenSandbox) -> KeyswitchApp:
    return KeyswitchApp(opened.services, opened.light(), TuiOptions(demo=True))


def config_of(opened: OpenSandbox, provider: Provider) -> dict[str, object]:
    table: dict[str, object] = tomllib.loads((opened.home / "config.toml").read_text("utf-8"))["providers"][provider]
    return table


async def until(pilot: Pilot[int], words: str) -> None:
    end = monotonic() + LONGEST
    while words not in " ".join(screen_text(pilot.app).split()):
        assert monotonic() < end, f"{words!r} did not come:\n{screen_text(pilot.app)}"
        await pilot.pause(0.05)


async def typed(pilot: Pilot[int], line: str) -> None:
    assert isinstance(pilot.app, KeyswitchApp)
    pilot.app.chat.composer.write(line)
    await pilot.press("enter")


async def test_a_login_without_a_client_takes_one_and_goes_on_with_it(opened: OpenSandbox) -> None:
    settings = opened.sandbox.settings
    secret, canaries, pictures = settings.gemini_client_secret, Canaries(), []
    canaries.add("client secret", secret)
    async with app_over(opened).run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "/login --provider=gemini")
        await until(pilot, "your OAuth client, once")
        assert isinstance(pilot.app.screen, ClientDialog)
        await until(pilot, "Signing in to Gemini needs an OAuth client of your own, and none is configured.")
        await pilot.press("f1")
        await until(pilot, "docs/how-to/sign-in-gemini.md")
        await pilot.press("escape", "enter")
        await until(pilot, "no client ID was given")
        await pilot.press(*settings.gemini_client_id, "enter", *secret)
        pictures.append(picture(pilot))
        await pilot.press("enter")
        await until(pilot, "/go/")
        await pilot.press("a")
        await until(pilot, "Logged in to Gemini")
        await pilot.press("enter")
        await until(pilot, "the ID is in config.toml")
        pictures.append(picture(pilot))
    assert config_of(opened, Provider.GEMINI)["client_id"] == settings.gemini_client_id
    files = [path for path in opened.home.rglob("*") if path.is_file() and path.name != "config.toml"]
    found = [hit for path in files for hit in canaries.found_in(path.read_bytes(), path.name)]
    assert [*found, *(hit for shown in pictures for hit in canaries.found_in(shown, "a picture"))] == []
    assert secret not in (opened.home / "config.toml").read_text("utf-8")


async def test_googles_file_is_read_in_by_its_path_and_what_is_none_is_one_sentence_each(opened: OpenSandbox) -> None:
    settings, folder = opened.sandbox.settings, opened.home.parent
    members = {"client_id": settings.gemini_client_id, "client_secret": settings.gemini_client_secret}
    (folder / "web.json").write_text(json.dumps({"web": members}))
    (folder / "own.json").write_text(json.dumps({"installed": {**members, "project_id": settings.gemini_project}}))
    refused = {
        str(folder / "gone.json"): "names a file that cannot be read as JSON",
        str(folder / "web.json"): 'create one of type "Desktop app"',
        "GOCSPX-fake-0000": "that is a secret, not the ID of a client",
        "two words": "a client ID is one word",
    }
    async with app_over(opened).run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, "/login gemini")
        await until(pilot, "your OAuth client, once")
        field = pilot.app.screen.query_one("#client-id", Field)
        for given, sentence in refused.items():
            field.value = given
            field.focus()
            await pilot.press("enter")
            if "path" not in sentence and given.startswith(("GOC", "two")):
                await pilot.press("enter")
            await until(pilot, sentence)
        field.value = f'"{folder / "own.json"}"'
        await pilot.press("enter")
        await until(pilot, "/go/")
        await pilot.press("a")
        await until(pilot, "Logged in to Gemini")
    assert config_of(opened, Provider.GEMINI)["quota_project"] == settings.gemini_project


@pytest.mark.parametrize("size", [(100, 30), (80, 24), (50, 20)])
async def test_an_api_key_is_one_key_away_and_the_way_out_is_on_the_last_row(
    opened: OpenSandbox, size: tuple[int, int]
) -> None:
    async with app_over(opened).run_test(size=size) as pilot:
        await settled(pilot)
        await typed(pilot, "/login --provider=claude")
        await until(pilot, "Esc cancel · Enter go on")
        hints = pilot.app.screen.query("KeyHints").last()
        assert hints.region.bottom == pilot.app.screen.query_one(".dialog").region.bottom - 1
        await pilot.press("ctrl+k")
        await until(pilot, "Claude API key")
        assert isinstance(pilot.app.screen, KeyDialog)
        await pilot.press("escape")
        await until(pilot, "r enters your client, Ctrl+K takes an API key instead.")
        await pilot.press("r")
        await until(pilot, "Esc cancel · Enter go on")
        await pilot.press("ctrl+k")
        await until(pilot, "Claude API key")
        canaries, pictures, key = Canaries(), [], opened.sandbox.api_keys["claude"][0]
        canaries.add("API key", key)
        await pilot.press(*key)
        pictures.append(picture(pilot))
        await pilot.press("enter")
        await until(pilot, "Stored the Claude API key")
        pictures.append(picture(pilot))
    left = [path.read_bytes() for path in opened.home.rglob("*") if path.is_file()]
    assert [hit for content in (*left, *pictures) for hit in canaries.found_in(content, "what is left")] == []
