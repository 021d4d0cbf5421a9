"""What everything promises that finds API keys in the environment."""

from __future__ import annotations

from abc import ABC, abstractmethod

from adapters.system.environment_keys import ProcessEnvironmentKeys
from application.ports.elsewhere.environment import EnvironmentKeys
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.secret import Secret
from tests.support.fake_environment import FakeEnvironment
from tests.support.fixed_clock import FixedClock

VALUES = {
    Provider.CHATGPT: "sk-proj-made-up-0000-1234",
    Provider.CLAUDE: "sk-ant-api03-made-up-1234",
    Provider.GEMINI: "AIzaSyMADE-UP_0000",
}


class EnvironmentKeysContract(ABC):
    @abstractmethod
    def make_keys(self, *held: Provider) -> EnvironmentKeys:
        """An environment with a key of each of *held*. The return type is the static half of the contract."""

    def test_an_empty_environment_holds_nothing(self) -> None:
        keys = self.make_keys()
        assert (keys.present(), keys.refused(), keys.redirections()) == ({}, (), ())
        assert [keys.key(provider) for provider in Provider] == [None, None, None]

    def test_whoever_names_a_variable_has_its_key_and_nobody_else_has(self) -> None:
        for held in Provider:
            keys = self.make_keys(held)
            assert set(keys.present()) == {held}
            assert {provider for provider in Provider if keys.key(provider)} == {held}

    def test_a_key_is_of_its_provider_paid_by_its_owner_and_named_by_its_variable(self) -> None:
        keys = self.make_keys(*Provider)
        for provider in Provider:
            key = keys.key(provider)
            assert key is not None
            record = key.record
            assert record.key.account == f"env:{keys.present()[provider]}"
            assert (record.provider, record.kind) == (provider, CredentialKind.API_KEY)
            assert (record.payer, record.active, record.generation) == (Payer.API_BILLING, True, 0)
            assert key.value == Secret(VALUES[provider])

    def test_no_key_is_in_a_text(self) -> None:
        keys = self.make_keys(*Provider)
        shown = repr([keys.key(provider) for provider in Provider]) + repr(keys.present())
        assert [value for value in VALUES.values() if value in shown] == []


class TestProcessEnvironmentKeys(EnvironmentKeysContract):
    def make_keys(self, *held: Provider) -> EnvironmentKeys:
        names = {Provider.CHATGPT: "OPENAI_API_KEY", Provider.CLAUDE: "ANTHROPIC_API_KEY"}
        environ = {names.get(provider, "GEMINI_API_KEY"): VALUES[provider] for provider in held}
        return ProcessEnvironmentKeys(environ=environ, clock=FixedClock())


class TestFakeEnvironment(EnvironmentKeysContract):
    def make_keys(self, *held: Provider) -> EnvironmentKeys:
        environment = FakeEnvironment()
        for provider in held:
            environment.hold(provider, VALUES[provider])
        return environment
