"""The key first, the setting second; `auto` takes the key out of a file, and never puts it into one."""

from __future__ import annotations

import pytest

from application.settings import KeyPreference
from domain.errors import ConfigError, KeyringUnavailable, StoreNotWritable, UsageError
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.text.secret import Secret
from tests.support.error_codes import with_code
from tests.support.world import World

PASSPHRASE = Secret("fake passphrase of ana")
FELL_BACK = KeyWhereabouts(KeyPlace.FILE, because="the keyring was locked")


@pytest.fixture
def world() -> World:
    """Somebody whose key is in a file, for want of a keyring at the time."""
    world = World()
    world.keys.place = FELL_BACK
    return world


@pytest.mark.parametrize("source", [KeyPreference.KEYRING, KeyPreference.FILE, KeyPreference.PASSPHRASE])
def test_the_key_is_moved_and_the_setting_written(source: KeyPreference, world: World) -> None:
    settled = world.move_key(source, passphrase=PASSPHRASE if source is KeyPreference.PASSPHRASE else None)
    assert settled.whereabouts == KeyWhereabouts(KeyPlace(source.value))
    assert settled.moved is (source is not KeyPreference.FILE)
    assert world.config.read().key_source is source


def test_a_move_is_an_event_and_staying_is_none(world: World) -> None:
    world.move_key(KeyPreference.FILE)
    assert world.events.names == []
    world.move_key(KeyPreference.KEYRING)
    assert world.events.names == ["key_moved"]


def test_a_key_that_cannot_be_moved_leaves_the_setting(world: World) -> None:
    world.keys.fail_with = StoreNotWritable("auth.json", "the disk is full")
    with pytest.raises(StoreNotWritable):
        world.move_key(KeyPreference.KEYRING)
    assert world.config.read().key_source is KeyPreference.AUTO


def test_a_config_that_makes_no_sense_leaves_the_key(world: World) -> None:
    world.config.fail_with = ConfigError("config.toml", "it is no TOML")
    with pytest.raises(ConfigError):
        world.move_key(KeyPreference.KEYRING)
    assert world.keys.moves == []


@pytest.mark.parametrize("words", ["", "short", "fourteen chars"])
def test_a_passphrase_that_is_easily_guessed_is_refused(words: str, world: World) -> None:
    with pytest.raises(UsageError, check=with_code("weak_passphrase"), match="15 characters"):
        world.move_key(KeyPreference.PASSPHRASE, passphrase=Secret(words))
    assert world.keys.moves == []


def test_auto_takes_the_key_out_of_a_file_into_a_keyring(world: World) -> None:
    settled = world.move_key(KeyPreference.AUTO)
    assert (settled.whereabouts, settled.moved) == (KeyWhereabouts(KeyPlace.KEYRING), True)
    assert world.config.read().key_source is KeyPreference.AUTO


def test_auto_leaves_it_there_without_a_keyring_and_says_why(world: World) -> None:
    world.keys.fail_with = KeyringUnavailable("auth.json", "the keyring is locked", code="keyring_locked")
    settled = world.move_key(KeyPreference.AUTO)
    assert (settled.whereabouts, settled.moved) == (FELL_BACK, False)
    assert settled.stayed is world.keys.fail_with
    assert world.config.read().key_source is KeyPreference.AUTO


@pytest.mark.parametrize("place", [KeyPlace.KEYRING, KeyPlace.PASSPHRASE, None])
def test_auto_moves_it_from_nowhere_else(place: KeyPlace | None, world: World) -> None:
    world.keys.place = KeyWhereabouts(place) if place else None
    world.config.set_key_source(KeyPreference.PASSPHRASE)
    assert not world.move_key(KeyPreference.AUTO).moved
    assert world.keys.moves == []
    assert world.config.read().key_source is KeyPreference.AUTO
