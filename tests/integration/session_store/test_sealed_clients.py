"""The secret of an OAuth client is sealed, and bound to its id and its server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.session_store.sealed_clients import SealedClients
from domain.errors import ConfigError
from domain.provider import Provider
from domain.text.pasted_client import OwnClient
from domain.text.secret import Secret
from entrypoints.container import Container
from entrypoints.light import container_for, light_parts

SECRET = Secret("GOCSPX-fake-secret-0000")
CLIENT = OwnClient(Provider.GEMINI, "made-up.apps.googleusercontent.com", SECRET)


def container(home: Path) -> Container:
    return container_for(light_parts(home, {"CODE_HOME": str(home), "PATH": os.environ["PATH"]}))


def clients(home: Path) -> SealedClients:
    return container(home).own_clients


@pytest.fixture
def home(tmp_path: Path) -> Path:
    configure(tmp_path, client_id=CLIENT.client_id)
    return tmp_path


def configure(home: Path, **settings: str) -> None:
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    text = "\n".join(["[auth]", 'key_source = "file"', "[providers.gemini]", *lines])
    (home / "config.toml").write_text(text + "\n")
    (home / "config.toml").chmod(0o600)


def test_it_goes_with_its_own_id_to_its_own_server_alone(home: Path) -> None:
    clients(home).seal(CLIENT)
    assert clients(home).profile(Provider.GEMINI).client_secret == SECRET
    configure(home, client_id="another.apps.googleusercontent.com")
    assert clients(home).profile(Provider.GEMINI).client_secret is None
    configure(home, client_id=CLIENT.client_id, token_url="https://elsewhere.example.test/token")
    assert clients(home).profile(Provider.GEMINI).client_secret is None
    assert not [path for path in home.rglob("*") if path.is_file() and b"GOCSPX" in path.read_bytes()]


def test_what_the_config_says_comes_first(home: Path) -> None:
    clients(home).seal(CLIENT)
    configure(home, client_id=CLIENT.client_id, client_secret="GOCSPX-fake-other")
    assert clients(home).profile(Provider.GEMINI).client_secret == Secret("GOCSPX-fake-other")


def test_one_that_was_changed_is_named_and_is_sent_nowhere(home: Path) -> None:
    clients(home).seal(CLIENT)
    store = home / "auth.json"
    store.write_text(store.read_text().replace('"nonce":"', '"nonce":"AAAA'))
    with pytest.raises(ConfigError, match="enter the client again"):
        clients(home).profile(Provider.GEMINI)
