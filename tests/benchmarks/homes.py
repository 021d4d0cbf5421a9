"""Homes to measure in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.master_key.in_file import KeyFile
from adapters.session_store.store import SealedFileStore
from domain.provider import Provider
from tests.support.credentials import a_session


def signed_in_home(folder: Path, *, accounts: int = 1) -> Path:
    """A home with *accounts* sessions at each provider, and addresses at which nobody listens."""
    home = folder / f"home-{accounts}"
    home.mkdir(mode=0o700)
    store = SealedFileStore(home=home, keys=KeyFile(home=home))
    now = datetime.now(UTC)
    for provider in Provider:
        for number in range(accounts):
            session = a_session(
                provider,
                account=f"ana{number}",
                active=number == 0,
                obtained_at=now,
                access_expires_at=now + timedelta(hours=1),
                sign_in_expires_at=now + timedelta(days=30),
                api_base="http://127.0.0.1:9",
                token_url="http://127.0.0.1:9/token",
            )
            store.save(session, activate=number == 0)
    tables = (
        f'[providers.{provider}]\nclient_id = "fake-client"\napi_base = "http://127.0.0.1:9"\n' for provider in Provider
    )
    (home / "config.toml").write_text('model = "gpt-5.1-medium"\n\n' + "\n".join(tables), "utf-8")
    return home


def with_models(home: Path, models: int) -> Path:
    """Add *models* presets of the user's own."""
    rows = (
        f'[presets.own-{number}]\nmodel = "claude-own-{number}"\nlabel = "Own {number}"\n' for number in range(models)
    )
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write("\n" + "\n".join(rows))
    return home
