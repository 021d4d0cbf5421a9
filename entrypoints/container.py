"""The composition root: it makes all that `light.py` does not, out of what that made."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from adapters.agent.unix_agent import UnixAgent
from adapters.agent.upstream import BoundUpstream
from adapters.attaching.answer_files import AnswerFiles
from adapters.attaching.files_on_disk import FilesOnDisk
from adapters.chat.chat_address import ChatSettings
from adapters.chat.router import ProviderChatClient
from adapters.config.config_editor import TomlConfigEditor
from adapters.config.toml_config import TomlConfig
from adapters.diagnosis.configured import Configured
from adapters.diagnosis.facts import FactsProbe
from adapters.diagnosis.forwards import ForwardsProbe
from adapters.diagnosis.home_folder import ConfigProbe, StoreProbe
from adapters.diagnosis.hosts import HostsProbe
from adapters.diagnosis.key_check import KeyProbe
from adapters.diagnosis.lent_sign_ins import LaptopProbe
from adapters.diagnosis.loopback import LoopbackProbe
from adapters.diagnosis.machine import PlaceProbe
from adapters.diagnosis.printed_keys import KeyCommandProbe
from adapters.diagnosis.reach import ReachByHead
from adapters.diagnosis.way_out import WayOutProbe
from adapters.earlier_programs.take_over import EarlierFiles
from adapters.http.options import client_options, token_options
from adapters.master_key.in_file import KeyFile
from adapters.master_key.in_keyring import KeyringHolder
from adapters.master_key.in_passphrase import PassphraseHolder
from adapters.master_key.keeper import Holders, KeyKeeper
from adapters.master_key.keyring_call import SystemKeyring
from adapters.model_lists.client import ProviderModelLists
from adapters.oauth.authlib_client import AuthlibClient
from adapters.prices.list_prices import ListPrices
from adapters.providers.binding import bound
from adapters.providers.profile import ConfiguredProfiles, ProviderProfile
from adapters.session_store.moving_key import KeyMover
from adapters.session_store.sealed_clients import SealedClients
from adapters.session_store.store import SealedFileStore
from adapters.sign_in.loopback_listener import LoopbackListener
from adapters.sign_in.one_at_a_time import FileTurn
from adapters.spending.promise_file import PromiseFile
from adapters.system.browser import SystemBrowser, has_window
from adapters.system.draft_files import DraftFiles
from adapters.system.editor import SystemEditor
from adapters.system.installation import installation_id
from adapters.system.key_commands import ProgramKeys
from adapters.system.registered_client import RegisteredClientFile
from adapters.system.worker_thread import WorkerThread
from application.auth_manager import AuthManager
from application.credentials import RequestCredentials
from application.forwarding.lending import Lending
from application.forwarding.relay import Relay
from application.renewal.background import BackgroundRenewal
from application.renewal.coordinator import Renewal
from application.renewal.spend_token import SpendToken
from application.renewal.warnings import EndingWarnings
from application.sign_in.by_browser import ByBrowser
from application.sign_in.by_device import ByDevice
from application.sign_in.end_session import EndSession
from application.sign_in.keep import KeepSession
from application.sign_in.sign_in import AwaitTurn, SignIn
from application.spending.bill_exchange import BillExchange
from application.spending.switch_cost import SwitchCost
from application.use_cases.accounts import ChooseAccount
from application.use_cases.api_key import StoreApiKey
from application.use_cases.borrow_profile import BorrowProfile
from application.use_cases.check import CheckCredentials
from application.use_cases.check_key import CheckApiKey
from application.use_cases.diagnose import Diagnose
from application.use_cases.enter_client import EnterClient
from application.use_cases.go_on_here import GoOnHere
from application.use_cases.models.refresh_model_lists import RefreshModelLists
from application.use_cases.move_key import MoveKey
from application.use_cases.past import Past
from application.use_cases.record_exchange import RecordExchange
from application.use_cases.send_message import SendMessage
from application.use_cases.sign_out import SignOut
from application.use_cases.take_over import Adopt, RestoreOriginals, TakeOver
from domain.errors import ConfigError, KeyswitchError
from domain.provider import Provider
from domain.session import OwnCredential
from entrypoints.services import LightServices, Services
from entrypoints.words.errors import command_for, error_sentence

if TYPE_CHECKING:
    from entrypoints.light_parts import LightParts

_Part = TypeVar("_Part")


def _chat_settings(profiles: Callable[[Provider], ProviderProfile]) -> Callable[[Provider], ChatSettings]:
    def chat_settings(provider: Provider) -> ChatSettings:
        found = profiles(provider)
        return ChatSettings(
            api_base=found.api_base,
            quota_project=found.quota_project or "",
            imported_api_base=found.imported.api_base if found.imported else "",
        )

    return chat_settings


def _api_base(profiles: Callable[[Provider], ProviderProfile]) -> Callable[[Provider], str]:
    return lambda provider: profiles(provider).api_base


def _bind(profiles: Callable[[Provider], ProviderProfile]) -> Callable[[OwnCredential], OwnCredential]:
    return lambda credential: bound(credential, profiles(credential.record.provider))


def _strict_renewal(config: TomlConfig) -> Callable[[], bool]:
    def strict_renewal() -> bool:
        try:
            return config.read().strict_renewal
        except ConfigError:  # reported by whoever reads it for its own sake
            return False

    return strict_renewal


def _last_read(auth: AuthManager) -> Callable[[], datetime | None]:
    """Make what tells when a list of models was last read that is in use."""

    def last_read() -> datetime | None:
        return max((one.read_at for one in auth.snapshot().catalogue.lists if one.read_at), default=None)

    return last_read


def _close(renewal: Renewal, chat: ProviderChatClient) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        await renewal.settle()
        await chat.aclose()

    return close


def _store_news(*notices: Callable[[], tuple[str, ...]]) -> Callable[[], tuple[str, ...]]:
    """Make what hands out those *notices* that it has not handed out yet."""
    told: set[str] = set()

    def news() -> tuple[str, ...]:
        fresh = tuple(notice for each in notices for notice in each() if notice not in told)
        for notice in fresh:
            told.add(notice)
        return fresh

    return news


def _load_libraries() -> None:
    """Load what takes a while, behind the back of a person who may soon send something or sign in."""
    import adapters.oauth.device_flow  # and all that a sign-in by a browser takes
    import adapters.session_store.sealing
    import adapters.sign_in.attempt  # noqa: F401 - for the sake of what it imports


def _explain(error: KeyswitchError) -> tuple[str, str]:
    return error_sentence(error), command_for(error)


def _once(make: Callable[[Container], _Part]) -> cached_property[_Part]:
    """A part that *make* makes when it is first asked for."""
    return cached_property(make)


class Container:
    """Every part has a name here, gets what its constructor asks for, and is made once, when it is first asked for."""

    def __init__(self, *, light: LightServices, parts: LightParts, consent: Callable[[str], str] | None = None) -> None:
        """*light* and *parts* are what `light.py` made; *consent* is the sandbox's."""
        self.light, self.auth, self.consent = light, light.auth, consent
        self.load_libraries = _load_libraries
        self.parts, self.home, self.environ, self.catalogue = parts, parts.home, parts.environ, parts.catalogue
        self.config, self.reader, self.clock, self.events = parts.config, parts.reader, parts.clock, parts.events
        self.environment, self.borrowed, self.forwarded = parts.environment, parts.borrowed, parts.forwarded

    conversations = _once(lambda made: made.parts.conversations())
    drafts = _once(lambda made: DraftFiles(home=made.home))
    editor = _once(lambda made: SystemEditor(home=made.home, environ=made.environ))
    past = _once(lambda made: Past(conversations=made.conversations))

    # What is read from the config at each use: the person may edit it meanwhile.
    profiles = _once(lambda made: ConfiguredProfiles(tables=made.config.provider_tables, folder=made.home))
    chat_settings = _once(lambda made: _chat_settings(made.profiles))
    api_base = _once(lambda made: _api_base(made.profiles))
    bind = _once(lambda made: _bind(made.profiles))
    strict_renewal = _once(lambda made: _strict_renewal(made.config))

    chance = _once(lambda _: random.random)
    keyring = _once(lambda made: SystemKeyring(environ=made.environ))
    holders = _once(
        lambda made: Holders(
            file=KeyFile(home=made.home),
            keyring=KeyringHolder(home=made.home, keyring=made.keyring),
            passphrase=PassphraseHolder(home=made.home),
        )
    )
    keys = _once(lambda made: KeyKeeper(home=made.home, holders=made.holders, wanted=made.config.key_source))
    key_mover = _once(lambda made: KeyMover(home=made.home, keys=made.keys, holders=made.holders))
    sessions = _once(lambda made: SealedFileStore(home=made.home, keys=made.keys, events=made.events))
    earlier_files = _once(lambda made: EarlierFiles(home=made.home, keys=made.keys, bind=made.bind, clock=made.clock))
    installation = _once(lambda made: installation_id(home=made.home))
    registrations = _once(lambda made: RegisteredClientFile(home=made.home, installation=made.installation))
    own_clients = _once(lambda made: SealedClients(home=made.home, keys=made.keys, profiles=made.profiles))
    oauth = _once(
        lambda made: AuthlibClient(
            profiles=made.own_clients.profile,
            clock=made.clock,
            installation=made.installation,
            http_options=token_options,
        )
    )
    listener = _once(lambda _: LoopbackListener())
    browser = _once(lambda made: SystemBrowser(home=made.home))
    uninterrupted = _once(lambda _: WorkerThread())
    attachable = _once(lambda made: FilesOnDisk(home=made.home))
    output_files = _once(lambda made: AnswerFiles(home=made.home))
    chat = _once(lambda made: ProviderChatClient(settings=made.chat_settings, clock=made.clock))

    turns = _once(lambda made: FileTurn(home=made.home))
    end_session = _once(lambda made: EndSession(oauth=made.oauth, sessions=made.sessions, turns=made.turns))
    spend_token = _once(
        lambda made: SpendToken(
            sessions=made.sessions,
            oauth=made.oauth,
            end=made.end_session,
            clock=made.clock,
            events=made.events,
            chance=made.chance,
            strict=made.strict_renewal,
        )
    )
    renewal = _once(
        lambda made: Renewal(
            sessions=made.sessions,
            spend_token=made.spend_token,
            clock=made.clock,
            uninterrupted=made.uninterrupted,
            chance=made.chance,
            strict=made.strict_renewal,
        )
    )
    warnings = _once(lambda made: EndingWarnings(events=made.events, history=made.events))
    background = _once(
        lambda made: BackgroundRenewal(
            sessions=made.sessions, renewal=made.renewal, clock=made.clock, warnings=made.warnings, chance=made.chance
        )
    )
    sign_out = _once(lambda made: SignOut(sessions=made.sessions, end=made.end_session, events=made.events))
    go_on_here = _once(lambda made: GoOnHere(sessions=made.sessions, events=made.events))
    choose_account = _once(
        lambda made: ChooseAccount(auth=made.auth, sessions=made.sessions, clock=made.clock, events=made.events)
    )
    store_api_key = _once(
        lambda made: StoreApiKey(sessions=made.sessions, clock=made.clock, events=made.events, api_base=made.api_base)
    )
    config_editor = _once(lambda made: TomlConfigEditor(config=made.config, catalogue=made.catalogue))
    enter_client = _once(lambda made: EnterClient(clients=made.own_clients, config=made.config_editor))
    borrow_profile = _once(lambda made: BorrowProfile(borrowed=made.borrowed, config=made.config, events=made.events))
    move_key = _once(lambda made: MoveKey(keys=made.key_mover, config=made.config, events=made.events))
    take_over = _once(lambda made: TakeOver(earlier_files=made.earlier_files, events=made.events))
    adopt = _once(lambda made: Adopt(earlier_files=made.earlier_files, events=made.events))
    restore_originals = _once(lambda made: RestoreOriginals(earlier_files=made.earlier_files, events=made.events))
    await_turn = _once(lambda made: AwaitTurn(turns=made.turns, sessions=made.sessions, clock=made.clock))
    keep = _once(
        lambda made: KeepSession(
            sessions=made.sessions, oauth=made.oauth, end=made.end_session, registrations=made.registrations
        )
    )
    sign_in = _once(
        lambda made: SignIn(
            await_turn=made.await_turn,
            by_browser=ByBrowser(
                oauth=made.oauth,
                listener=made.listener,
                browser=made.browser,
                registrations=made.registrations,
                end=made.end_session,
            ),
            by_device=ByDevice(
                oauth=made.oauth, end=made.end_session, clock=made.clock, uninterrupted=made.uninterrupted
            ),
            keep=made.keep,
            auth=made.auth,
            events=made.events,
        )
    )
    key_commands = _once(lambda made: ProgramKeys(config=made.config, environ=made.environ, home=made.home))
    credentials = _once(
        lambda made: RequestCredentials(
            renewal=made.renewal,
            environment=made.environment,
            commands=made.key_commands,
            borrowed=made.borrowed,
            forwarded=made.forwarded,
        )
    )
    check = _once(lambda made: CheckCredentials(auth=made.auth, chat=made.chat, credentials=made.credentials))
    model_lists = _once(lambda made: ProviderModelLists(fetch=made.chat.listing))
    refresh_model_lists = _once(
        lambda made: RefreshModelLists(
            auth=made.auth,
            lists=made.model_lists,
            kept=made.parts.model_lists,
            credentials=made.credentials,
            clock=made.clock,
        )
    )
    check_key = _once(lambda made: CheckApiKey(chat=made.chat, clock=made.clock, api_base=made.api_base))
    prices = _once(lambda made: ListPrices(models=made.catalogue.models))
    records = _once(lambda made: RecordExchange(ledger=made.parts.ledger(), clock=made.clock, events=made.events))
    promises = _once(lambda made: PromiseFile(home=made.home, clock=made.clock))
    bills = _once(
        lambda made: BillExchange(
            limits=made.config.limits,
            ledger=made.parts.ledger(),
            promises=made.promises,
            prices=made.prices,
            clock=made.clock,
        )
    )
    switch_cost = _once(
        lambda made: SwitchCost(limits=made.config.limits, past=made.past, prices=made.prices, clock=made.clock)
    )
    send = _once(
        lambda made: SendMessage(
            chat=made.chat,
            credentials=made.credentials,
            conversations=made.conversations,
            past=made.past,
            bills=made.bills,
            clock=made.clock,
            records=made.records,
        )
    )

    lending = _once(lambda made: Lending(clock=made.clock, events=made.events))
    upstream = _once(
        lambda made: BoundUpstream(
            settings=lambda provider: made.chat_settings(provider),  # noqa: PLW0108 - made when something is relayed
            clock=made.clock,
        )
    )
    relay = _once(
        lambda made: Relay(
            lending=made.lending,
            sessions=made.sessions,
            credentials=made.credentials,
            upstream=made.upstream,
            clock=made.clock,
            events=made.events,
        )
    )
    agent = _once(
        lambda made: UnixAgent(
            home=made.home,
            environ=made.environ,
            lending=made.lending,
            relay=made.relay,
            upstream=made.upstream,
            clock=made.clock,
            explain=_explain,
        )
    )

    configured = _once(lambda made: Configured(profiles=made.profiles, reader=made.reader))
    config_probe = _once(lambda made: ConfigProbe(config=made.config, notices_of=made.configured.notices))
    store_probe = _once(
        lambda made: StoreProbe(home=made.home, reader=made.reader, earlier_sign_ins=made.parts.earlier_sign_ins)
    )
    key_probe = _once(lambda made: KeyProbe(home=made.home, holders=made.holders, reader=made.reader))
    hosts_probe = _once(
        lambda made: HostsProbe(hosts=made.configured.hosts, http_options=client_options, clock=made.clock)
    )
    reach = _once(
        lambda made: ReachByHead(api_base=made.api_base, http_options=client_options, forwarded=made.forwarded)
    )
    key_command_probe = _once(lambda made: KeyCommandProbe(config=made.config, environ=made.environ))
    forwards_probe = _once(lambda made: ForwardsProbe(environ=made.environ, home=made.home))
    way_out_probe = _once(lambda made: WayOutProbe(hosts=made.configured.hosts))
    loopback_probe = _once(lambda made: LoopbackProbe(rules=made.configured.redirects))
    facts_probe = _once(
        lambda made: FactsProbe(as_of=made.catalogue.as_of, last_read=_last_read(made.auth), clock=made.clock)
    )
    place_probe = _once(
        lambda made: PlaceProbe(environ=made.environ, has_window=has_window, redirections=made.environment.redirections)
    )
    laptop_probe = _once(lambda made: LaptopProbe(forwarded=made.forwarded))
    diagnose = _once(
        lambda made: Diagnose(
            probes=(
                made.config_probe,
                made.key_command_probe,
                made.store_probe,
                made.key_probe,
                made.facts_probe,
                made.hosts_probe,
                made.way_out_probe,
                made.loopback_probe,
                made.place_probe,
                made.forwards_probe,
                made.laptop_probe,
            )
        )
    )
    close = _once(lambda made: _close(made.renewal, made.chat))
    store_news = _once(lambda made: _store_news(made.sessions.notices, made.records.notices))


def services_from(container: Container) -> Services:
    """Make every member of the services, each the part of its name."""
    return Services(**{member.name: getattr(container, member.name) for member in fields(Services)})
