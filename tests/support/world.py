"""The use cases over fakes: one person's whole world without a file or a socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from adapters.prices.list_prices import ListPrices
from application.ports.probe import Probe
from application.renewal.background import BackgroundRenewal
from application.renewal.coordinator import Renewal
from application.settings import Settings
from application.use_cases.diagnose import Diagnose
from domain.auth_mode import AuthMode
from domain.catalogue import Catalogue
from domain.provider import Provider
from domain.session import OwnCredential
from entrypoints.container import Container
from entrypoints.light import services_over
from entrypoints.light_parts import LightParts
from entrypoints.services import LightServices
from tests.support.fake_chat import FakeChat
from tests.support.fake_clipboard import FakeClipboard
from tests.support.fake_earlier_programs import FakeEarlierFiles, FakeEarlierSignIns
from tests.support.fake_editor import FakeEditor
from tests.support.fake_environment import FakeEnvironment
from tests.support.fake_key_commands import FakeKeyCommands
from tests.support.fake_laptops import FakeLaptops
from tests.support.fake_oauth import FakeBrowser, FakeListener, FakeOAuth, FakeTurn
from tests.support.fake_profiles import FakeProfiles
from tests.support.fake_reach import FakeReach
from tests.support.fake_uninterrupted import uninterrupted
from tests.support.fixed_clock import FixedClock
from tests.support.memory_config import MemoryConfig
from tests.support.memory_conversations import MemoryConversations
from tests.support.memory_drafts import MemoryDrafts
from tests.support.memory_keys import MemoryKeys
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_model_lists import FakeModelLists, MemoryModelLists
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_promises import MemoryPromises
from tests.support.memory_registrations import MemoryRegistrations
from tests.support.memory_session_store import MemorySessionStore
from tests.support.recording_events import RecordingEvents
from tests.support.small_catalogue import a_catalogue

_PRICES: Final = ListPrices(models=a_catalogue().models)
_PRICES.load()
"""Before any test: a unit test may not read the files of a library."""


def _no_client_is_entered(*_: object) -> None:
    raise AssertionError("a client goes into files, and there are none")


class World:
    """The program with a fake in the place of each adapter; tests reach behind any port."""

    def __init__(
        self,
        *credentials: OwnCredential,
        model: str | None = None,
        mode: AuthMode | None = None,
        settings: Settings | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self.catalogue = catalogue or a_catalogue()
        self.clock = FixedClock()
        self.clipboard = FakeClipboard()
        self.kept_lists, self.model_lists = MemoryModelLists(), FakeModelLists()
        self.strict = False
        self.chance = 0.5
        self.events = RecordingEvents(clock=self.clock)
        self.sessions = MemorySessionStore()
        for credential in credentials:
            self.sessions.save(credential, activate=credential.record.active)
        clients = frozenset(Provider)
        self.config = MemoryConfig(
            settings=settings or Settings(model=model, active_auth_provider=mode, clients=clients)
        )
        self.environment = FakeEnvironment()
        self.key_commands = FakeKeyCommands()
        self.borrowed = FakeProfiles()
        self.laptops = FakeLaptops()
        self.keys = MemoryKeys()
        self.earlier_sign_ins = FakeEarlierSignIns()
        self.earlier_files = FakeEarlierFiles()
        self.conversations = MemoryConversations()
        self.ledger = MemoryLedger()
        self.promises = MemoryPromises()
        self.drafts = MemoryDrafts()
        self.editor = FakeEditor()
        self.outbox = MemoryOutbox()
        self.reach = FakeReach()
        self.oauth = FakeOAuth(self.clock)
        self.chat = FakeChat()
        self.listener = FakeListener()
        self.browser = FakeBrowser()
        self.turns = FakeTurn()
        self.registrations = MemoryRegistrations()
        self.probes: list[Probe] = []
        self._wire()

    def another_process(self) -> Renewal:
        """A coordinator over the same store, as another window has it."""
        return services_over(self._parts(), self._with_fakes).load().renewal

    def background(self, *, chance: float = 0.5) -> BackgroundRenewal:
        """Renewal in the background, as another window has it."""

        def container(*, light: LightServices, parts: LightParts) -> Container:
            made = self._with_fakes(light=light, parts=parts)
            vars(made).update(renewal=made.renewal, chance=lambda: chance)
            return made

        return services_over(self._parts(), container).load().background

    def fakes(self) -> dict[str, object]:
        """What takes the place of the container's own parts, by their names."""
        return {
            "agent": None,  # it serves over sockets, and there are none
            "api_base": lambda provider: f"https://api.{provider}.example.test",
            "browser": self.browser,
            "chance": lambda: self.chance,
            "chat": self.chat,
            "drafts": self.drafts,
            "editor": self.editor,
            "diagnose": Diagnose(probes=self.probes),
            "key_commands": self.key_commands,
            "key_mover": self.keys,
            "keys": self.keys,
            "listener": self.listener,
            "model_lists": self.model_lists,
            "oauth": self.oauth,
            "earlier_files": self.earlier_files,
            "enter_client": _no_client_is_entered,
            "prices": _PRICES,
            "promises": self.promises,
            "reach": self.reach,
            "registrations": self.registrations,
            "sessions": self.sessions,
            "store_news": tuple,
            "strict_renewal": lambda: self.strict,
            "turns": self.turns,
            "uninterrupted": uninterrupted,
        }

    def _with_fakes(self, *, light: LightServices, parts: LightParts) -> Container:
        made, fakes = Container(light=light, parts=parts), self.fakes()
        assert fakes.keys() <= vars(Container).keys()
        vars(made).update(fakes)  # where a part is kept once it is made
        self.container = made
        return made

    def _parts(self) -> LightParts:
        parts: dict[str, Any] = {
            "home": Path("home"),
            "environ": {},
            "catalogue": self.catalogue,
            "config": self.config,
            "reader": self.sessions,
            "key_note": self.keys,
            "clock": self.clock,
            "clipboard": self.clipboard,
            "events": self.events,
            "environment": self.environment,
            "borrowed": self.borrowed,
            "forwarded": self.laptops,
            "earlier_sign_ins": self.earlier_sign_ins,
            "model_lists": self.kept_lists,
            "conversations": lambda: self.conversations,
            "ledger": lambda: self.ledger,
            "outbox": lambda: self.outbox,
        }
        return LightParts(**parts)

    def _wire(self) -> None:
        self.light = services_over(self._parts(), self._with_fakes)
        self.auth, self.track_record = self.light.auth, self.light.track_record
        self.snapshot, self.status = self.auth.snapshot, self.auth.status
        self.select, self.refresh_all = self.auth.switch_provider, self.auth.refresh_all_tokens
        self.loaded = self.light.load()
        self.end_session, self.credentials = self.container.end_session, self.container.credentials
        self.records = self.container.records
        self.renewal, self.check, self.send = self.loaded.renewal, self.loaded.check, self.loaded.send
        self.sign_in, self.sign_out = self.loaded.sign_in, self.loaded.sign_out
        self.choose_account = self.loaded.choose_account
        self.store_api_key, self.move_key = self.loaded.store_api_key, self.loaded.move_key
        self.take_over, self.adopt = self.loaded.take_over, self.loaded.adopt
        self.restore_originals, self.go_on_here = self.loaded.restore_originals, self.loaded.go_on_here
        self.borrow_profile = self.loaded.borrow_profile
