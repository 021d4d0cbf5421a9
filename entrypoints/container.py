"""The composition root: it makes all that `light.py` does not, out of what that made."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from dependency_injector import containers, providers

from adapters.attaching.answer_files import AnswerFiles
from adapters.attaching.files_on_disk import FilesOnDisk
from adapters.chat.chat_address import ChatSettings
from adapters.chat.router import ProviderChatClient
from adapters.config.config_editor import TomlConfigEditor
from adapters.config.toml_config import TomlConfig
from adapters.diagnosis.configured import Configured
from adapters.diagnosis.facts import FactsProbe
from adapters.diagnosis.home_folder import ConfigProbe, StoreProbe
from adapters.diagnosis.hosts import HostsProbe
from adapters.diagnosis.key_check import KeyProbe
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
from domain.errors import ConfigError
from domain.provider import Provider
from domain.session import OwnCredential
from entrypoints.services import LightServices, Services


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


class Container(containers.DeclarativeContainer):
    """Every part has a name here, gets what its constructor asks for, and is made once, when it is first asked for."""

    # What `light.py` made.
    light: providers.Dependency[LightServices] = providers.Dependency()
    parts: providers.Dependency[Any] = providers.Dependency()
    auth = light.provided.auth
    home = parts.provided.home
    environ = parts.provided.environ
    config = parts.provided.config
    reader = parts.provided.reader
    clock = parts.provided.clock
    events = parts.provided.events
    environment = parts.provided.environment
    borrowed = parts.provided.borrowed
    earlier_sign_ins = parts.provided.earlier_sign_ins
    conversations = parts.provided.conversations.call()
    drafts = providers.Singleton(DraftFiles, home=home)
    editor = providers.Singleton(SystemEditor, home=home, environ=environ)
    past = providers.Singleton(Past, conversations=conversations)

    # What is read from the config at each use: the person may edit it meanwhile.
    profiles = providers.Singleton(ConfiguredProfiles, tables=config.provider_tables, folder=home)
    chat_settings = providers.Callable(_chat_settings, profiles)
    api_base = providers.Callable(_api_base, profiles)
    bind = providers.Callable(_bind, profiles)
    strict_renewal = providers.Callable(_strict_renewal, config)

    chance: providers.Object[Callable[[], float]] = providers.Object(random.random)
    keyring = providers.Singleton(SystemKeyring, environ=environ)
    holders = providers.Singleton(
        Holders,
        file=providers.Singleton(KeyFile, home=home),
        keyring=providers.Singleton(KeyringHolder, home=home, keyring=keyring),
        passphrase=providers.Singleton(PassphraseHolder, home=home),
    )
    keys = providers.Singleton(KeyKeeper, home=home, holders=holders, wanted=config.key_source)
    key_mover = providers.Singleton(KeyMover, home=home, keys=keys, holders=holders)
    sessions = providers.Singleton(SealedFileStore, home=home, keys=keys, events=events)
    earlier_files = providers.Singleton(EarlierFiles, home=home, keys=keys, bind=bind, clock=clock)
    installation = providers.Callable(installation_id, home=home)
    registrations = providers.Singleton(RegisteredClientFile, home=home, installation=installation)
    own_clients = providers.Singleton(SealedClients, home=home, keys=keys, profiles=profiles)
    oauth = providers.Singleton(
        AuthlibClient,
        profiles=own_clients.provided.profile,
        clock=clock,
        installation=installation,
        http_options=providers.Object(token_options),
    )
    listener = providers.Singleton(LoopbackListener)
    browser = providers.Singleton(SystemBrowser, home=home)
    uninterrupted = providers.Singleton(WorkerThread)
    attachable = providers.Singleton(FilesOnDisk, home=home)
    output_files = providers.Singleton(AnswerFiles, home=home)
    chat = providers.Singleton(ProviderChatClient, settings=chat_settings, clock=clock)

    turns = providers.Singleton(FileTurn, home=home)
    end_session = providers.Singleton(EndSession, oauth=oauth, sessions=sessions, turns=turns)
    spend_token = providers.Singleton(
        SpendToken,
        sessions=sessions,
        oauth=oauth,
        end=end_session,
        clock=clock,
        events=events,
        chance=chance,
        strict=strict_renewal,
    )
    renewal = providers.Singleton(
        Renewal,
        sessions=sessions,
        spend_token=spend_token,
        clock=clock,
        uninterrupted=uninterrupted,
        chance=chance,
        strict=strict_renewal,
    )
    warnings = providers.Singleton(EndingWarnings, events=events, history=events)
    background = providers.Singleton(
        BackgroundRenewal, sessions=sessions, renewal=renewal, clock=clock, warnings=warnings, chance=chance
    )
    sign_out = providers.Singleton(SignOut, sessions=sessions, end=end_session, events=events)
    go_on_here = providers.Singleton(GoOnHere, sessions=sessions, events=events)
    choose_account = providers.Singleton(
        ChooseAccount,
        auth=auth,
        sessions=sessions,
        clock=clock,
        events=events,
    )
    store_api_key = providers.Singleton(
        StoreApiKey,
        sessions=sessions,
        clock=clock,
        events=events,
        api_base=api_base,
    )
    config_editor = providers.Singleton(TomlConfigEditor, config=config, catalogue=parts.provided.catalogue)
    enter_client = providers.Singleton(EnterClient, clients=own_clients, config=config_editor)
    borrow_profile = providers.Singleton(
        BorrowProfile,
        borrowed=borrowed,
        config=config,
        events=events,
    )
    move_key = providers.Singleton(MoveKey, keys=key_mover, config=config, events=events)
    take_over = providers.Singleton(TakeOver, earlier_files=earlier_files, events=events)
    adopt = providers.Singleton(Adopt, earlier_files=earlier_files, events=events)
    restore_originals = providers.Singleton(RestoreOriginals, earlier_files=earlier_files, events=events)
    await_turn = providers.Singleton(AwaitTurn, turns=turns, sessions=sessions, clock=clock)
    keep = providers.Singleton(
        KeepSession, sessions=sessions, oauth=oauth, end=end_session, registrations=registrations
    )
    sign_in = providers.Singleton(
        SignIn,
        await_turn=await_turn,
        by_browser=providers.Singleton(
            ByBrowser, oauth=oauth, listener=listener, browser=browser, registrations=registrations, end=end_session
        ),
        by_device=providers.Singleton(ByDevice, oauth=oauth, end=end_session, clock=clock, uninterrupted=uninterrupted),
        keep=keep,
        auth=auth,
        events=events,
    )
    key_commands = providers.Singleton(ProgramKeys, config=config, environ=environ, home=home)
    credentials = providers.Singleton(
        RequestCredentials, renewal=renewal, environment=environment, commands=key_commands, borrowed=borrowed
    )
    check = providers.Singleton(
        CheckCredentials,
        auth=auth,
        chat=chat,
        credentials=credentials,
    )
    model_lists = providers.Singleton(ProviderModelLists, fetch=chat.provided.listing)
    refresh_model_lists = providers.Singleton(
        RefreshModelLists,
        auth=auth,
        lists=model_lists,
        kept=parts.provided.model_lists,
        credentials=credentials,
        clock=clock,
    )
    check_key = providers.Singleton(CheckApiKey, chat=chat, clock=clock, api_base=api_base)
    prices = providers.Singleton(ListPrices, models=parts.provided.catalogue.models)
    records = providers.Singleton(RecordExchange, ledger=parts.provided.ledger.call(), clock=clock, events=events)
    promises = providers.Singleton(PromiseFile, home=home, clock=clock)
    bills = providers.Singleton(
        BillExchange,
        limits=config.provided.limits,
        ledger=parts.provided.ledger.call(),
        promises=promises,
        prices=prices,
        clock=clock,
    )
    switch_cost = providers.Singleton(SwitchCost, limits=config.provided.limits, past=past, prices=prices, clock=clock)
    send = providers.Singleton(
        SendMessage,
        chat=chat,
        credentials=credentials,
        conversations=conversations,
        past=past,
        bills=bills,
        clock=clock,
        records=records,
    )

    configured = providers.Singleton(Configured, profiles=profiles, reader=reader)
    config_probe = providers.Singleton(ConfigProbe, config=config, notices_of=configured.provided.notices)
    store_probe = providers.Singleton(StoreProbe, home=home, reader=reader, earlier_sign_ins=earlier_sign_ins)
    key_probe = providers.Singleton(KeyProbe, home=home, holders=holders, reader=reader)
    hosts_probe = providers.Singleton(
        HostsProbe,
        hosts=configured.provided.hosts,
        http_options=providers.Object(client_options),
        clock=clock,
    )
    reach = providers.Singleton(ReachByHead, api_base=api_base, http_options=providers.Object(client_options))
    key_command_probe = providers.Singleton(KeyCommandProbe, config=config, environ=environ)
    way_out_probe = providers.Singleton(WayOutProbe, hosts=configured.provided.hosts)
    loopback_probe = providers.Singleton(LoopbackProbe, rules=configured.provided.redirects)
    facts_probe = providers.Singleton(
        FactsProbe, as_of=parts.provided.catalogue.as_of, last_read=providers.Callable(_last_read, auth), clock=clock
    )
    place_probe = providers.Singleton(
        PlaceProbe,
        environ=environ,
        has_window=providers.Object(has_window),
        redirections=environment.redirections,
    )
    diagnose = providers.Singleton(
        Diagnose,
        probes=providers.List(
            config_probe,
            key_command_probe,
            store_probe,
            key_probe,
            facts_probe,
            hosts_probe,
            way_out_probe,
            loopback_probe,
            place_probe,
        ),
    )
    close = providers.Callable(_close, renewal, chat)
    store_news = providers.Callable(_store_news, sessions.provided.notices, records.provided.notices)
    consent: providers.Object[Callable[[str], str] | None] = providers.Object(None)


def services_from(container: Container) -> Services:
    """Make every member of the services, each by the provider of its name."""
    return Services(**{member.name: getattr(container, member.name)() for member in fields(Services)})


def load_libraries() -> None:
    """Load what signing in and renewing take, behind the back of a person who may soon do either."""
    import adapters.oauth.device_flow  # and all that a sign-in by a browser takes
    import adapters.sign_in.attempt  # noqa: F401 - for the sake of what it imports
