"""The use cases over fakes: one person's whole world without a file or a socket."""

from __future__ import annotations

from application.auth_manager import AuthManager
from application.credentials import RequestCredentials
from application.renewal.background import BackgroundRenewal
from application.renewal.coordinator import Renewal
from application.renewal.renew_all import RefreshAll
from application.renewal.spend_token import SpendToken
from application.renewal.warnings import EndingWarnings
from application.settings import Settings
from application.sign_in.by_browser import ByBrowser
from application.sign_in.by_device import ByDevice
from application.sign_in.end_session import EndSession
from application.sign_in.keep import KeepSession
from application.sign_in.one_at_a_time import AwaitTurn
from application.sign_in.sign_in import SignIn
from application.snapshot import ReadSnapshot
from application.use_cases.accounts import ChooseAccount
from application.use_cases.api_key import StoreApiKey
from application.use_cases.borrow_profile import BorrowProfile
from application.use_cases.check import CheckCredentials
from application.use_cases.go_on_here import GoOnHere
from application.use_cases.move_key import MoveKey
from application.use_cases.select_model import SelectModel
from application.use_cases.send_message import SendMessage
from application.use_cases.sign_out import SignOut
from application.use_cases.status import Status
from application.use_cases.take_over import Adopt, RestoreOriginals, TakeOver
from application.use_cases.track_record import ReadTrackRecord
from domain.auth_mode import AuthMode
from domain.catalogue import Catalogue
from domain.provider import Provider
from domain.session import Credential
from tests.support.fake_chat import FakeChat
from tests.support.fake_earlier_programs import FakeEarlierFiles, FakeEarlierSignIns
from tests.support.fake_environment import FakeEnvironment
from tests.support.fake_oauth import FakeBrowser, FakeListener, FakeOAuth, FakeTurn
from tests.support.fake_profiles import FakeProfiles
from tests.support.fake_uninterrupted import uninterrupted
from tests.support.fixed_clock import FixedClock
from tests.support.memory_config import MemoryConfig
from tests.support.memory_conversations import MemoryConversations
from tests.support.memory_keys import MemoryKeys
from tests.support.memory_registrations import MemoryRegistrations
from tests.support.memory_session_store import MemorySessionStore
from tests.support.recording_events import RecordingEvents
from tests.support.small_catalogue import a_catalogue


class World:
    """Everything wired by hand; tests reach behind any port."""

    def __init__(
        self,
        *credentials: Credential,
        model: str | None = None,
        mode: AuthMode | None = None,
        settings: Settings | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self.catalogue = catalogue or a_catalogue()
        self.clock = FixedClock()
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
        self.borrowed = FakeProfiles()
        self.keys = MemoryKeys()
        self.foreign = FakeEarlierSignIns()
        self.older = FakeEarlierFiles()
        self.conversations = MemoryConversations()
        self.oauth = FakeOAuth(self.clock)
        self.chat = FakeChat()
        self.listener = FakeListener()
        self.browser = FakeBrowser()
        self.turns = FakeTurn()
        self.registrations = MemoryRegistrations()
        self.end_session = EndSession(oauth=self.oauth, sessions=self.sessions, turns=self.turns)
        self.snapshot = ReadSnapshot(
            catalogue=self.catalogue,
            sessions=self.sessions,
            config=self.config,
            environment=self.environment,
            borrowed=self.borrowed,
            clock=self.clock,
        )
        self._wire()

    def another_process(self) -> Renewal:
        """A coordinator over the same store, as another window has it."""
        spend_token = SpendToken(
            sessions=self.sessions,
            oauth=self.oauth,
            end=self.end_session,
            clock=self.clock,
            events=self.events,
            chance=lambda: self.chance,
            strict=lambda: self.strict,
        )
        return Renewal(
            sessions=self.sessions,
            spend_token=spend_token,
            clock=self.clock,
            uninterrupted=uninterrupted,
            chance=lambda: self.chance,
            strict=lambda: self.strict,
        )

    def background(self, *, chance: float = 0.5) -> BackgroundRenewal:
        """Renewal in the background, as another window has it."""
        warnings = EndingWarnings(events=self.events, history=self.events)
        return BackgroundRenewal(
            sessions=self.sessions,
            renewal=self.another_process(),
            clock=self.clock,
            warnings=warnings,
            chance=lambda: chance,
        )

    def _wire(self) -> None:
        self.status = Status(snapshot=self.snapshot, keys=self.keys, foreign=self.foreign)
        self.select = SelectModel(snapshot=self.snapshot, config=self.config, events=self.events)
        self.renewal = self.another_process()
        self.move_key = MoveKey(keys=self.keys, config=self.config, events=self.events)
        self.refresh_all = RefreshAll(sessions=self.sessions, renewal=self.renewal)
        self.auth = AuthManager(snapshot=self.snapshot, select=self.select, refresh_all=self.refresh_all)
        self.sign_out = SignOut(sessions=self.sessions, end=self.end_session, events=self.events)
        self.store_api_key = StoreApiKey(
            sessions=self.sessions,
            clock=self.clock,
            events=self.events,
            api_base=lambda provider: f"https://api.{provider}.example.test",
        )
        self.take_over = TakeOver(older=self.older, events=self.events)
        self.adopt = Adopt(older=self.older, events=self.events)
        self.restore_originals = RestoreOriginals(older=self.older, events=self.events)
        self.borrow_profile = BorrowProfile(borrowed=self.borrowed, config=self.config, events=self.events)
        self.go_on_here = GoOnHere(sessions=self.sessions, events=self.events)
        self.choose_account = ChooseAccount(
            snapshot=self.snapshot, sessions=self.sessions, config=self.config, clock=self.clock, events=self.events
        )
        self.track_record = ReadTrackRecord(events=self.events, clock=self.clock)
        self._wire_signing_in()
        self._wire_asking()

    def _wire_signing_in(self) -> None:
        self.sign_in = SignIn(
            await_turn=AwaitTurn(turns=self.turns, sessions=self.sessions, clock=self.clock),
            by_browser=ByBrowser(
                oauth=self.oauth,
                listener=self.listener,
                browser=self.browser,
                registrations=self.registrations,
                end=self.end_session,
            ),
            by_device=ByDevice(oauth=self.oauth, end=self.end_session, clock=self.clock, uninterrupted=uninterrupted),
            keep=KeepSession(
                sessions=self.sessions, oauth=self.oauth, end=self.end_session, registrations=self.registrations
            ),
            select=self.select,
            events=self.events,
        )

    def _wire_asking(self) -> None:
        self.credentials = RequestCredentials(
            renewal=self.renewal, environment=self.environment, borrowed=self.borrowed
        )
        self.check = CheckCredentials(
            snapshot=self.snapshot,
            chat=self.chat,
            credentials=self.credentials,
        )
        self.send = SendMessage(
            chat=self.chat,
            credentials=self.credentials,
            conversations=self.conversations,
            clock=self.clock,
            events=self.events,
        )
