"""Links that somebody puts in the place of our files lead nowhere: nothing outside the home folder changes (row S2)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.conversations.sqlite_store import SqliteConversations
from adapters.events.jsonl_log import JsonlEventLog
from adapters.sqlite.sqlite_file import Database
from adapters.system.clock import SystemClock
from adapters.system.installation import installation_id
from adapters.system.registered_client import RegisteredClientFile
from domain.conversation import Conversation
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.sign_in.registration import RegisteredClient
from entrypoints.light import container_for, light_parts
from tests.support.credentials import a_session
from tests.support.fault_scale import chances, scaled

SWAPS = 10_000

NAMES = (
    "auth.json", "auth.json.bak", "auth.json.lock", "events.jsonl", "events.lock", "installation", "master-key.json",
    "master-key.lock", "master.key", "registered-client.json",
)  # fmt: skip
"""Without `config.toml`, which its owner may keep behind a link, and the database, see below."""

DATABASE = tuple(f"conversations.db{side}" for side in ("", "-wal", "-shm", "-journal"))
"""What SQLite makes."""

CLIENT = RegisteredClient(Provider.CHATGPT, "oaiapp_fake", "https://auth.example.test/token")

CONTENT = "a file of somebody else\n"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of somebody who is signed in."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    container_for(light_parts(home, {})).sessions.save(a_session(Provider.CLAUDE), activate=True)
    JsonlEventLog(home=home, clock=SystemClock()).record("signed_in")
    registrations = RegisteredClientFile(home=home, installation=installation_id(home))
    registrations.keep(CLIENT)
    return home


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file for each of ours, in another folder."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in (*NAMES, *DATABASE):
        (folder / name).write_text(CONTENT, "utf-8")
        (folder / name).chmod(0o644)
    return folder


def touched(outside: Path) -> list[str]:
    """What is not as it was in that folder."""
    found = {path.name: (path.read_text("utf-8"), path.stat().st_mode & 0o777) for path in outside.iterdir()}
    return sorted(name for name, state in found.items() if state != (CONTENT, 0o644))


class Swapper:
    """Puts links in the place of files and takes them away again, as fast as it can."""

    def __init__(self, home: Path, outside: Path, chance: random.Random) -> None:
        self.swaps = 0
        self._home = home
        self._outside = outside
        self._chance = chance

    def run(self, count: int) -> None:
        for _ in range(count):
            name = self._chance.choice(NAMES)
            place, aside = self._home / name, self._home / f"aside-{name}"
            with suppress(FileNotFoundError):
                place.rename(aside)
            with suppress(FileExistsError):
                place.symlink_to(self._outside / name)
            self.swaps += 1
            with suppress(FileNotFoundError):
                if place.is_symlink():
                    place.unlink()
            with suppress(FileNotFoundError):
                aside.rename(place)

    @contextmanager
    def at_work(self, count: int) -> Iterator[Callable[[], bool]]:
        """Swap in another thread meanwhile; gives whether it is still at it."""
        worker = threading.Thread(target=self.run, args=(count,))
        worker.start()
        try:
            yield worker.is_alive
        finally:
            worker.join()


def use_everything(home: Path, number: int) -> None:
    """Each of the files is read and written; what cannot be is said by an error of ours."""
    container = container_for(light_parts(home, {}))
    sessions, session = container.sessions, a_session(Provider.CLAUDE)
    steps: list[Callable[[], object]] = [
        lambda: sessions.save(session, activate=True),
        lambda: sessions.load(session.record.key),
        sessions.records,
        lambda: sessions.remove(session.record.key),
        lambda: JsonlEventLog(home=home, clock=SystemClock()).record("used", number=number),
        lambda: installation_id(home),
        lambda: container.registrations.keep(CLIENT),
        container.registrations.kept,
    ]
    for step in steps:
        with suppress(KeyswitchError):
            step()


def test_links_swapped_in_while_files_are_used_lead_nowhere(home: Path, outside: Path) -> None:
    swapper = Swapper(home, outside, chances("swapped links"))
    uses = 0
    with swapper.at_work(scaled(SWAPS)) as swapping:
        while swapping():
            use_everything(home, uses)
            uses += 1
    assert swapper.swaps == scaled(SWAPS)
    assert uses > 0
    assert touched(outside) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_link_that_lies_there_leads_nowhere(home: Path, outside: Path, name: str) -> None:
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to(outside / name)
    use_everything(home, 0)
    assert touched(outside) == []


def talk(home: Path) -> None:
    """Keep a conversation in the home."""
    store = SqliteConversations(home=home)
    try:
        store.begin(Conversation(id=uuid4().hex, started=SystemClock().now()))
    finally:
        store.close()


@pytest.mark.parametrize("name", DATABASE)
def test_a_link_in_the_place_of_a_database_file_leads_nowhere(home: Path, outside: Path, name: str) -> None:
    talk(home)
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to(outside / name)
    with pytest.raises(KeyswitchError, match=r"conversations\.db"):
        talk(home)
    assert touched(outside) == []


def test_sqlite_alone_would_follow_it(home: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the test sees a program that does it wrong."""
    monkeypatch.setattr(Database, "_claim", lambda _self: None)
    (outside / DATABASE[0]).write_bytes(b"")
    (home / DATABASE[0]).symlink_to(outside / DATABASE[0])
    talk(home)
    assert (outside / DATABASE[0]).stat().st_size > 0


def test_a_program_that_writes_in_place_is_caught(home: Path, outside: Path) -> None:
    """The control: the test sees a program that does it wrong."""
    swapper = Swapper(home, outside, chances("careless"))
    with swapper.at_work(scaled(SWAPS)) as swapping:
        while swapping():
            for name in NAMES:
                with suppress(OSError):
                    (home / name).write_text("careless", "utf-8")
                    (home / name).chmod(0o600)
    assert touched(outside) != []
