"""The composition root: beside `light.py`, the one place that names adapters."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from dependency_injector import containers, providers

from adapters.chat.chat_address import ChatSettings
from adapters.chat.router import ProviderChatClient
from adapters.conversations.sqlite_store import SqliteConversations
from adapters.diagnosis.configured import Configured
from adapters.diagnosis.home_folder import ConfigProbe, StoreProbe
from adapters.diagnosis.hosts import HostsProbe
from adapters.diagnosis.key_check import KeyProbe
from adapters.diagnosis.loopback import LoopbackProbe
from adapters.diagnosis.machine import PlaceProbe
from adapters.diagnosis.way_out import WayOutProbe
from adapters.earlier_programs.take_over import EarlierFiles
from adapters.http.options import client_options, token_options
from adapters.master_key.in_file import KeyFile
from adapters.master_key.in_keyring import KeyringHolder
from adapters.master_key.in_passphrase import PassphraseHolder
from adapters.master_key.keeper import Holders, KeyKeeper
from adapters.master_key.keyring_call import SystemKeyring
from adapters.oauth.authlib_client import AuthlibClient
from adapters.providers.binding import bound
from adapters.providers.profile import ConfiguredProfiles, ProviderProfile
from adapters.session_store.moving_key import KeyMover
from adapters.session_store.store import SealedFileStore
from adapters.sign_in.loopback_listener import LoopbackListener
from adapters.sign_in.one_at_a_time import FileTurn
from adapters.system.browser import SystemBrowser, has_window
from adapters.system.installation import installation_id
from adapters.system.registered_client import RegisteredClientFile
from adapters.system.worker_thread import WorkerThread
from application.auth_manager import AuthManager
from application.credentials import RequestCredentials
from application.renewal.background import BackgroundRenewal
from application.renewal.coordinator import Renewal
from application.renewal.renew_all import RefreshAll
from application.renewal.spend_token import SpendToken
from application.renewal.warnings import EndingWarnings
from application.settings import KeyPreference
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
from application.use_cases.diagnose import Diagnose
from application.use_cases.go_on_here import GoOnHere
from application.use_cases.move_key import MoveKey
from application.use_cases.select_model import SelectModel
from application.use_cases.send_message import SendMessage
from application.use_cases.sign_out import SignOut
from application.use_cases.status import Status
from application.use_cases.take_over import Adopt, RestoreOriginals, TakeOver
from domain.errors import ConfigError
from domain.provider import Provider
from domain.session import Credential
from entrypoints.light import LightParts, light_parts, named_home, services_of
from entrypoints.services import Services


class Container(containers.DeclarativeContainer):
    """Every part by name. Constructor arguments only; each is made once, when it is first asked for."""

    home = providers.Dependency(instance_of=Path)
    light: providers.Dependency[LightParts] = providers.Dependency(instance_of=LightParts)
    """The parts that `light.py` makes: config, clock, events, environment, catalogue."""

    profiles: providers.Dependency[Callable[[Provider], ProviderProfile]] = providers.Dependency()
    """Provider to profile, as the config has it at each use: the person may edit it meanwhile."""
    chat_settings: providers.Dependency[Callable[[Provider], ChatSettings]] = providers.Dependency()
    strict_renewal: providers.Dependency[Callable[[], bool]] = providers.Dependency()
    api_base: providers.Dependency[Callable[[Provider], str]] = providers.Dependency()
    bind: providers.Dependency[Callable[[Credential], Credential]] = providers.Dependency()

    key_source: providers.Dependency[Callable[[], KeyPreference]] = providers.Dependency()
    """Where a first master key should go, read when it is made."""

    keyring = providers.Singleton(SystemKeyring, environ=light.provided.environ)
    holders = providers.Singleton(
        Holders,
        file=providers.Singleton(KeyFile, home=home),
        keyring=providers.Singleton(KeyringHolder, home=home, keyring=keyring),
        passphrase=providers.Singleton(PassphraseHolder, home=home),
    )
    keys = providers.Singleton(KeyKeeper, home=home, holders=holders, wanted=key_source)
    key_mover = providers.Singleton(KeyMover, home=home, keys=keys, holders=holders)
    sessions = providers.Singleton(SealedFileStore, home=home, keys=keys, events=light.provided.events)
    older = providers.Singleton(EarlierFiles, home=home, keys=keys, bind=bind, clock=light.provided.clock)
    installation = providers.Callable(installation_id, home=home)
    registrations = providers.Singleton(RegisteredClientFile, home=home, installation=installation)
    oauth = providers.Singleton(
        AuthlibClient,
        profiles=profiles,
        clock=light.provided.clock,
        installation=installation,
        http_options=providers.Object(token_options),
    )
    listener = providers.Singleton(LoopbackListener)
    browser = providers.Singleton(SystemBrowser, home=home)
    uninterrupted = providers.Singleton(WorkerThread)
    conversations = providers.Singleton(SqliteConversations, home=home)
    chat = providers.Singleton(ProviderChatClient, settings=chat_settings, clock=light.provided.clock)

    snapshot = providers.Singleton(
        ReadSnapshot,
        catalogue=light.provided.catalogue,
        sessions=sessions,
        config=light.provided.config,
        environment=light.provided.environment,
        borrowed=light.provided.borrowed,
        clock=light.provided.clock,
    )
    status = providers.Singleton(
        Status, snapshot=snapshot, keys=light.provided.key_note, foreign=light.provided.foreign
    )
    select = providers.Singleton(
        SelectModel, snapshot=snapshot, config=light.provided.config, events=light.provided.events
    )
    turns = providers.Singleton(FileTurn, home=home)
    end_session = providers.Singleton(EndSession, oauth=oauth, sessions=sessions, turns=turns)
    spend_token = providers.Singleton(
        SpendToken,
        sessions=sessions,
        oauth=oauth,
        end=end_session,
        clock=light.provided.clock,
        events=light.provided.events,
        chance=random.random,
        strict=strict_renewal,
    )
    renewal = providers.Singleton(
        Renewal,
        sessions=sessions,
        spend_token=spend_token,
        clock=light.provided.clock,
        uninterrupted=uninterrupted,
        strict=strict_renewal,
    )
    warnings = providers.Singleton(EndingWarnings, events=light.provided.events, history=light.provided.events)
    background = providers.Singleton(
        BackgroundRenewal, sessions=sessions, renewal=renewal, clock=light.provided.clock, warnings=warnings
    )
    refresh_all = providers.Singleton(RefreshAll, sessions=sessions, renewal=renewal)
    auth = providers.Singleton(AuthManager, snapshot=snapshot, select=select, refresh_all=refresh_all)
    sign_out = providers.Singleton(SignOut, sessions=sessions, end=end_session, events=light.provided.events)
    go_on_here = providers.Singleton(GoOnHere, sessions=sessions, events=light.provided.events)
    choose_account = providers.Singleton(
        ChooseAccount,
        snapshot=snapshot,
        sessions=sessions,
        config=light.provided.config,
        clock=light.provided.clock,
        events=light.provided.events,
    )
    store_api_key = providers.Singleton(
        StoreApiKey,
        sessions=sessions,
        clock=light.provided.clock,
        events=light.provided.events,
        api_base=api_base,
    )
    borrow_profile = providers.Singleton(
        BorrowProfile,
        borrowed=light.provided.borrowed,
        config=light.provided.config,
        events=light.provided.events,
    )
    move_key = providers.Singleton(MoveKey, keys=key_mover, config=light.provided.config, events=light.provided.events)
    take_over = providers.Singleton(TakeOver, older=older, events=light.provided.events)
    adopt = providers.Singleton(Adopt, older=older, events=light.provided.events)
    restore_originals = providers.Singleton(RestoreOriginals, older=older, events=light.provided.events)
    sign_in = providers.Singleton(
        SignIn,
        await_turn=providers.Singleton(AwaitTurn, turns=turns, sessions=sessions, clock=light.provided.clock),
        by_browser=providers.Singleton(
            ByBrowser, oauth=oauth, listener=listener, browser=browser, registrations=registrations, end=end_session
        ),
        by_device=providers.Singleton(
            ByDevice, oauth=oauth, end=end_session, clock=light.provided.clock, uninterrupted=uninterrupted
        ),
        keep=providers.Singleton(
            KeepSession, sessions=sessions, oauth=oauth, end=end_session, registrations=registrations
        ),
        select=select,
        events=light.provided.events,
    )
    credentials = providers.Singleton(
        RequestCredentials,
        renewal=renewal,
        environment=light.provided.environment,
        borrowed=light.provided.borrowed,
    )
    check = providers.Singleton(
        CheckCredentials,
        snapshot=snapshot,
        chat=chat,
        credentials=credentials,
    )
    send = providers.Singleton(
        SendMessage,
        chat=chat,
        credentials=credentials,
        conversations=conversations,
        clock=light.provided.clock,
        events=light.provided.events,
    )

    configured = providers.Singleton(Configured, profiles=profiles, reader=light.provided.reader)
    config_probe = providers.Singleton(
        ConfigProbe, config=light.provided.config, notices_of=configured.provided.notices
    )
    store_probe = providers.Singleton(
        StoreProbe, home=home, reader=light.provided.reader, foreign=light.provided.foreign
    )
    key_probe = providers.Singleton(KeyProbe, home=home, holders=holders, reader=light.provided.reader)
    hosts_probe = providers.Singleton(
        HostsProbe,
        hosts=configured.provided.hosts,
        http_options=providers.Object(client_options),
        clock=light.provided.clock,
    )
    way_out_probe = providers.Singleton(WayOutProbe, hosts=configured.provided.hosts)
    loopback_probe = providers.Singleton(LoopbackProbe, rules=configured.provided.redirects)
    place_probe = providers.Singleton(
        PlaceProbe,
        environ=light.provided.environ,
        has_window=providers.Object(has_window),
        redirections=light.provided.environment.redirections,
    )
    diagnose = providers.Singleton(
        Diagnose,
        probes=providers.List(
            config_probe, store_probe, key_probe, hosts_probe, way_out_probe, loopback_probe, place_probe
        ),
    )


def build_services(home: Path, environ: Mapping[str, str], *, consent: Callable[[str], str] | None = None) -> Services:
    """Everything, over the files of *home*. *consent* is the sandbox's; see `Services`."""
    parts = light_parts(home, environ)
    return _services(container_for(parts), parts, consent)


def load_libraries() -> None:
    """Load what signing in and renewing take, behind the back of a person who may soon do either."""
    import adapters.oauth.device_flow  # and all that a sign-in by a browser takes
    import adapters.sign_in.attempt  # noqa: F401 - for the sake of what it imports


def container_for(parts: LightParts) -> Container:
    """The container over *parts*; nothing is built yet."""
    profile = ConfiguredProfiles(tables=parts.config.provider_tables, folder=parts.home)

    def chat_settings(provider: Provider) -> ChatSettings:
        found = profile(provider)
        return ChatSettings(
            api_base=found.api_base,
            quota_project=found.quota_project or "",
            imported_api_base=found.imported.api_base if found.imported else "",
        )

    def api_base(provider: Provider) -> str:
        return profile(provider).api_base

    def key_source() -> KeyPreference:
        return parts.config.key_source()

    def bind(credential: Credential) -> Credential:
        return bound(credential, profile(credential.record.provider))

    def strict_renewal() -> bool:
        try:
            return parts.config.read().strict_renewal
        except ConfigError:  # reported by whoever reads it for its own sake
            return False

    return Container(
        home=parts.home,
        light=parts,
        profiles=profile,
        chat_settings=chat_settings,
        strict_renewal=strict_renewal,
        api_base=api_base,
        key_source=key_source,
        bind=bind,
    )


def _services(container: Container, parts: LightParts, consent: Callable[[str], str] | None) -> Services:
    chat, renewal = container.chat(), container.renewal()

    async def close() -> None:
        await renewal.settle()
        await chat.aclose()

    return Services(
        light=services_of(parts),
        auth=container.auth(),
        sign_in=container.sign_in(),
        sign_out=container.sign_out(),
        choose_account=container.choose_account(),
        refresh_all=container.refresh_all(),
        store_api_key=container.store_api_key(),
        take_over=container.take_over(),
        adopt=container.adopt(),
        restore_originals=container.restore_originals(),
        borrow_profile=container.borrow_profile(),
        renewal=renewal,
        keys=container.keys(),
        move_key=container.move_key(),
        background=container.background(),
        send=container.send(),
        check=container.check(),
        conversations=container.conversations(),
        diagnose=container.diagnose(),
        go_on_here=container.go_on_here(),
        close=close,
        store_news=_once(container.sessions().notices),
        consent=consent,
    )


def _once(notices: Callable[[], tuple[str, ...]]) -> Callable[[], tuple[str, ...]]:
    """Those of *notices* that were not handed out yet."""
    told: set[str] = set()

    def news() -> tuple[str, ...]:
        fresh = tuple(notice for notice in notices() if notice not in told)
        for notice in fresh:
            told.add(notice)
        return fresh

    return news


def build_diagnosis(environ: Mapping[str, str]) -> Diagnose:
    """Looks at the home that *environ* names, and at everything around it. Neither is made nor changed.

    Raises:
        ConfigError: No home can be told.
    """
    return container_for(light_parts(named_home(environ), environ)).diagnose()
