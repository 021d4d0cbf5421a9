"""What every place has to do that remembers a client without a session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import pytest

from application.ports.registrations import Registrations
from domain.provider import Provider
from domain.sign_in.registration import RegisteredClient

CLIENT = RegisteredClient(Provider.CHATGPT, "oaiapp_fake", "https://auth.example.test/token", account="user-1:oaiapp_0")


class RegistrationsContract(ABC):
    @abstractmethod
    def make_registrations(self) -> Registrations:
        """Begins empty, and finds later what an earlier one of the same test kept."""

    def test_at_first_there_is_none(self) -> None:
        assert self.make_registrations().kept() is None

    @pytest.mark.parametrize("changes", [{}, {"unanswered": True}, {"account": ""}], ids=str)
    def test_what_was_kept_is_found_again_whole(self, changes: dict[str, object]) -> None:
        client = replace(CLIENT, **changes)  # type: ignore[arg-type]  # by name
        self.make_registrations().keep(client)
        assert self.make_registrations().kept() == client

    def test_the_latest_takes_the_place_of_the_one_before(self) -> None:
        registrations = self.make_registrations()
        registrations.keep(CLIENT)
        registrations.keep(replace(CLIENT, client_id="oaiapp_other"))
        assert registrations.kept() == replace(CLIENT, client_id="oaiapp_other")

    def test_what_is_forgotten_is_gone_and_forgetting_nothing_is_no_trouble(self) -> None:
        registrations = self.make_registrations()
        registrations.forget(CLIENT.client_id)
        registrations.keep(CLIENT)
        registrations.forget(CLIENT.client_id)
        assert self.make_registrations().kept() is None

    def test_forgetting_a_client_leaves_another_one_alone(self) -> None:
        registrations = self.make_registrations()
        registrations.keep(CLIENT)
        registrations.forget("oaiapp_other")
        assert self.make_registrations().kept() == CLIENT
