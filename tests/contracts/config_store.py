"""What every config store promises."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from application.ports.config_store import ConfigStore
from application.settings import EnvKeys, KeyPreference, Looks, Settings
from domain.auth_mode import AuthMode


class ConfigStoreContract(ABC):
    @abstractmethod
    def make_store(self) -> ConfigStore:
        """A store that says nothing yet. The return type is the static half of the contract."""

    @pytest.fixture
    def store(self) -> ConfigStore:
        return self.make_store()

    def test_a_new_store_says_nothing_but_the_defaults(self, store: ConfigStore) -> None:
        settings = store.read()
        assert (settings.model, settings.active_auth_provider) == (None, None)
        assert (settings.env_keys, settings.presets, settings.notices) == (EnvKeys.IGNORE, (), ())

    def test_a_selection_is_read_back(self, store: ConfigStore) -> None:
        for mode in AuthMode:
            store.select("house-special", mode)
            assert (store.read().model, store.read().active_auth_provider) == ("house-special", mode)

    def test_the_last_selection_counts(self, store: ConfigStore) -> None:
        store.select("claude-opus-4.1", AuthMode.CLAUDE)
        store.select("gpt-5.1-medium", AuthMode.APIKEY)
        assert (store.read().model, store.read().active_auth_provider) == ("gpt-5.1-medium", AuthMode.APIKEY)

    def test_the_borrowed_profile_is_read_back_until_the_borrowing_ends(self, store: ConfigStore) -> None:
        store.set_claude_profile("work")
        assert store.read().claude_profile == "work"
        store.set_claude_profile("")
        assert store.read().claude_profile is None

    def test_the_place_of_the_master_key_is_read_back(self, store: ConfigStore) -> None:
        store.set_claude_profile("work")
        store.set_key_source(KeyPreference.PASSPHRASE)
        assert store.read().key_source is KeyPreference.PASSPHRASE
        assert store.read().claude_profile == "work"

    def test_looks_are_read_back_and_written_only_where_they_are_new(self, store: ConfigStore) -> None:
        store.select("claude-opus-4.1", AuthMode.CLAUDE)
        assert store.read().ui == Looks()
        for looks in (Looks(favourites=("a", "b")), Looks(theme="light", mouse=False, favourites=("b",)), Looks()):
            store.set_looks(looks)
            assert store.read().ui == looks
            written = store.stamp()
            store.set_looks(looks)
            assert store.stamp() == written
        assert store.read().model == "claude-opus-4.1"

    def test_a_selection_and_a_profile_leave_each_other_alone(self, store: ConfigStore) -> None:
        store.select("gemini-2.5-pro", AuthMode.GEMINI)
        store.set_claude_profile("work")
        store.select("claude-opus-4.1", AuthMode.CLAUDE)
        settings = store.read()
        assert (settings.model, settings.claude_profile) == ("claude-opus-4.1", "work")

    def test_the_stamp_stays_while_nothing_is_written(self, store: ConfigStore) -> None:
        store.select("claude-opus-4.1", AuthMode.CLAUDE)
        before = store.stamp()
        store.read()
        assert store.stamp() == before

    def test_the_stamp_changes_with_every_change(self, store: ConfigStore) -> None:
        stamps = [store.stamp()]
        store.select("claude-opus-4.1", AuthMode.CLAUDE)
        stamps.append(store.stamp())
        store.select("claude-opus-4.2", AuthMode.CLAUDE)
        stamps.append(store.stamp())
        store.set_claude_profile("work")
        stamps.append(store.stamp())
        assert len(set(stamps)) == len(stamps)

    def test_every_read_gives_settings_of_its_own_time(self, store: ConfigStore) -> None:
        before: Settings = store.read()
        store.select("claude-opus-4.1", AuthMode.CLAUDE)
        assert before.model is None
