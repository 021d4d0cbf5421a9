"""Homes to measure in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from adapters.master_key.in_file import KeyFile
from adapters.session_store.store import SealedFileStore
from domain.conversation import Conversation, Origin, Role, Turn
from domain.provider import Provider
from tests.support.credentials import a_session

_MANY: Final = """
INSERT INTO conversation (id, started, title, origin)
WITH RECURSIVE places (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM places WHERE n < ?)
SELECT printf('many-%d', n), started, 'Conversation ' || n, origin FROM places, (SELECT * FROM conversation LIMIT 1)
"""


def signed_in_home(folder: Path, *, accounts: int = 1, port: int = 9) -> Path:
    """A home with *accounts* sessions at each provider, at a *port* at which nobody listens by default."""
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
                api_base=f"http://127.0.0.1:{port}",
                token_url=f"http://127.0.0.1:{port}/token",
            )
            store.save(session, activate=number == 0)
    tables = (
        f'[providers.{provider}]\nclient_id = "fake-client"\napi_base = "http://127.0.0.1:{port}"\n'
        for provider in Provider
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


def with_conversations(home: Path, number: int) -> Path:
    """Add *number* short conversations; a store of ours would take minutes."""
    store, at = SqliteConversations(home=home), datetime(2026, 11, 30, tzinfo=UTC)
    store.begin(Conversation("first", at, "Conversation 1", (Turn(Role.USER, "Words", at),), origin=Origin.APP))
    store.close()
    with closing(sqlite3.connect(home / NAME)) as database, database:
        database.execute(_MANY, (number,))
    return home
