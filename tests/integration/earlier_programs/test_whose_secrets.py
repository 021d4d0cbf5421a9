"""No secret at a stranger, every good one at home: other tools' files and pasted keys, at stand-ins that record all."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest
import tomlkit

from adapters.earlier_formats import credentials
from domain.errors import KeyswitchError, StoreError
from domain.provider import Provider
from domain.text.secret import Secret
from entrypoints.container import Container
from entrypoints.light import container_for, light_parts
from tests.support.homes_of_others import STRANGERS, Home, home_of_others
from tests.support.recording_vendors import StandIn, stand_ins
from tests.unit.text.test_pasted_key import OWN, VARIABLE, WRAPPED

COUNT: Final = int(os.environ.get("KEYSWITCH_HOMES", "42"))
"""Homes, and keys. The whole number, 200, is for a run by hand."""

SEED: Final = int(os.environ.get("KEYSWITCH_HOMES_SEED", "1"))


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[Provider, StandIn]]:
    with stand_ins() as running:
        yield running


def opened(folder: Path, vendors: dict[Provider, StandIn]) -> Container:
    """A home whose providers are the stand-ins."""
    folder.mkdir(mode=0o700)
    tables = {provider.value: vendor.settings() for provider, vendor in vendors.items()}
    own = tables["chatgpt"]
    own["imported"] = {name: own[name] for name in ("token_url", "revoke_url", "api_base")}
    config = {"auth": {"key_source": "file"}, "providers": tables}
    (folder / "config.toml").write_text(tomlkit.dumps(config), "utf-8")
    return container_for(light_parts(folder, {}))


async def use_all(container: Container) -> None:
    """Renew every session, and show every credential to its provider."""
    with suppress(KeyswitchError):
        await container.auth.refresh_all_tokens(force=True)
    with suppress(KeyswitchError):
        await container.check()


def astray(home: Home, vendors: dict[Provider, StandIn]) -> list[str]:
    """What went to a stranger, or did not get home."""
    wrong = []
    for secret, owner in home.owners.items():
        at = {provider for provider, vendor in vendors.items() if any(secret in request for request in vendor.seen)}
        if at - {owner}:
            wrong.append(f"home {home.number}: {secret} of {owner} went to {sorted(at - {owner})}")
        if secret in home.good and owner not in at:
            wrong.append(f"home {home.number}: {secret} of {owner} was not used")
    return wrong


def lived_through(homes: Iterator[Home], folder: Path, vendors: dict[Provider, StandIn]) -> list[str]:
    wrong = []
    for home in homes:
        place = folder / str(home.number)
        container = opened(place, vendors)
        file = place / "auth.json"
        file.write_text(json.dumps(home.content), "utf-8")
        file.chmod(0o600)
        with suppress(StoreError):
            container.take_over()
        for vendor in vendors.values():
            vendor.seen.clear()
        asyncio.run(use_all(container))
        wrong += astray(home, vendors)
    return wrong


def homes() -> Iterator[Home]:
    return (home_of_others(number, SEED) for number in range(COUNT))


def test_the_files_of_other_tools(vendors: dict[Provider, StandIn], tmp_path: Path) -> None:
    assert lived_through(homes(), tmp_path, vendors) == []


def test_a_build_that_takes_every_flat_file_for_a_chatgpt_sign_in_is_caught(
    vendors: dict[Provider, StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "refuse_strangers", lambda *_: None)
    monkeypatch.setattr(credentials, "is_proved", lambda *_: True)
    wrong = lived_through((home for home in homes() if home.number < 14), tmp_path, vendors)
    assert {line.partition(":")[0] for line in wrong if "went to" in line} >= {"home 3", "home 4", "home 5"}


def test_pasted_keys(vendors: dict[Provider, StandIn], tmp_path: Path) -> None:
    chance, wrong = Random(SEED), []
    for number in range(COUNT):
        door, name = chance.choice(list(Provider)), f"{number:04}{chance.randrange(10**8):08}"
        owner = chance.choice([*Provider, None])
        form = chance.choice(STRANGERS) if owner is None else f"{OWN[owner][0]}-{{}}"
        home = Home(number, chance)
        key = home.plant(form.format(name), owner, good=owner is door)
        given = chance.choice(WRAPPED).replace("VARIABLE", VARIABLE[door]).replace("{}", key)
        container = opened(tmp_path / str(number), vendors)
        for vendor in vendors.values():
            vendor.seen.clear()
        try:
            container.store_api_key(door, Secret(given))
        except KeyswitchError as refusal:
            if key in str(refusal):
                wrong.append(f"{given!r} is repeated")
        asyncio.run(use_all(container))
        wrong += astray(home, vendors)
    assert wrong == []
