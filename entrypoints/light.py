"""The parts that fast commands need, wired by hand without a library. The container makes the rest out of them."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.borrowed.anthropic_profiles import AnthropicProfiles
from adapters.catalogue.builtin import load_catalogue
from adapters.config.toml_config import TomlConfig
from adapters.earlier_programs.found import FoundSignIns, has_only_our_files
from adapters.events.jsonl_log import JsonlEventLog
from adapters.files.open_modes import close_to_others as opened
from adapters.forwarded.laptops import Laptops
from adapters.forwarding import places
from adapters.master_key.note import NoteFile
from adapters.model_lists.kept import ModelListFiles
from adapters.session_store.reading_records import StoreReader
from adapters.system.clipboard import SystemClipboard
from adapters.system.clock import SystemClock
from adapters.system.environment_keys import ProcessEnvironmentKeys
from adapters.system.home import home_folder, wanted_home
from application.auth_manager import AuthManager
from application.snapshot import Elsewhere, ReadSnapshot
from application.use_cases.preferences import Preferences
from application.use_cases.track_record import ReadTrackRecord
from entrypoints.light_parts import LightParts
from entrypoints.services import LightServices, Services

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from application.forwarding.forward_to import ForwardTo
    from application.ports.clock import Clock
    from application.ports.config_editor import ConfigEditor
    from application.ports.conversation_store import ConversationStore
    from application.ports.forwarding.agent import AgentControl
    from application.ports.forwarding.secure_shell import Place
    from application.ports.ledger import Ledger
    from application.ports.master_key import KeyPlaceReader
    from application.ports.parking.outbox import Outbox
    from application.ports.person_files import NewFiles
    from application.use_cases.diagnose import Diagnose
    from application.use_cases.parked_messages import ParkedMessages
    from application.use_cases.read_usage import ReadUsage
    from domain.provider import Provider
    from entrypoints.container import Container


def open_home(environ: Mapping[str, str], *, writing: bool = True) -> Path:
    """Make the home folder where it does not exist, and return it. Without *writing*, it may be one for reading only.

    Raises:
        ConfigError, StoreNotWritable: It cannot be told, made or used.
    """
    return home_folder(environ, writing=writing)


def named_home(environ: Mapping[str, str]) -> Path:
    """Return the home folder, whether it is there or not.

    Raises:
        ConfigError: It cannot be told.
    """
    return wanted_home(environ)


def close_to_others(environ: Mapping[str, str], *, all_that_is: bool = False) -> tuple[str, ...]:
    """Close what others may touch of the home. What was open is told in sentences; with *all_that_is* also what stays.

    Raises:
        ConfigError: No home can be told.
    """
    home = wanted_home(environ)
    found = opened(home)
    for one in found:
        if one.closed:
            log = JsonlEventLog(home=home, clock=SystemClock())
            log.record("closed_to_others", file=one.path.name, mode=f"{one.mode:04o}")
    return tuple(one.words for one in found if one.closed or all_that_is)


def protect() -> None:
    """Close what could copy secrets out of this process by accident. Call it before the first one is held.

    Also before Textual is imported, which reads its variables then. Takes some 10 ms with its imports, so commands that
    touch no secret do without.
    """
    from adapters.system.hardening import harden

    harden()


def unfinished_work() -> bool:
    """Whether this process is about to save what it cannot get again."""
    from adapters.system import worker_thread

    return worker_thread.unfinished_work()


def light_parts(home: Path, environ: Mapping[str, str]) -> LightParts:
    """Make the parts over the files of *home*; no file is read yet but the catalogue."""
    catalogue, clock = load_catalogue(), SystemClock()
    conversations = cache(partial(_conversations, home))
    return LightParts(
        home=home,
        environ=environ,
        catalogue=catalogue,
        config=TomlConfig(home=home, owner=catalogue.owner),
        reader=StoreReader(home),
        key_note=NoteFile(home=home),
        clock=clock,
        clipboard=SystemClipboard(environ=environ),
        events=JsonlEventLog(home=home, clock=clock),
        environment=ProcessEnvironmentKeys(environ=environ, clock=clock),
        borrowed=AnthropicProfiles(environ=environ, clock=clock),
        forwarded=Laptops(
            folders=partial(places.folders, environ, home),
            mine=lambda name: name.startswith(f"{places.host_id()}-"),
            clock=clock,
        ),
        earlier_sign_ins=FoundSignIns(home=home, person=_person(environ), clock=clock),
        model_lists=ModelListFiles(home=home),
        conversations=conversations,
        ledger=cache(partial(_ledger, home, conversations)),
        outbox=partial(_outbox, home, clock),
    )


def light_services(
    home: Path, environ: Mapping[str, str], *, consent: Callable[[str], str] | None = None
) -> LightServices:
    """Make what works over the files of *home* without a library. *consent* is the sandbox's; see `Services`."""
    return services_over(light_parts(home, environ), partial(_container, consent=consent))


def services_over(parts: LightParts, container: Callable[..., Container] | None = None) -> LightServices:
    """Make the services of a program out of *parts*. *container* is called with them for the rest of it."""

    @cache
    def load() -> Services:
        from entrypoints.container import services_from

        return services_from((container or _container)(light=light, parts=parts))

    lists = parts.model_lists
    snapshot = ReadSnapshot(
        catalogue=parts.catalogue,
        sessions=parts.reader,
        config=parts.config,
        elsewhere=Elsewhere(parts.environment, parts.borrowed, parts.forwarded),
        lists=lists,
        clock=parts.clock,
    )
    auth = AuthManager(
        snapshot=snapshot,
        sessions=parts.reader,
        config=parts.config,
        events=parts.events,
        keys=parts.key_note,
        earlier=parts.earlier_sign_ins,
        renewal=lambda: load().renewal,
    )
    light = LightServices(
        home=parts.home,
        clock=parts.clock,
        clipboard=parts.clipboard,
        history=parts.events,
        track_record=ReadTrackRecord(events=parts.events, clock=parts.clock),
        auth=auth,
        conversations=parts.conversations,
        usage=cache(partial(_usage, parts)),
        new_files=partial(_new_files, parts.home),
        preferences=Preferences(config=parts.config, events=parts.events),
        parked=cache(partial(_parked, parts.outbox)),
        stamp=lambda: (parts.reader.stamp(), parts.config.stamp(), lists.stamp(), parts.forwarded.stamp()),
        load=load,
    )
    return light


def container_for(parts: LightParts) -> Container:
    """Make the container over *parts*, in which nothing is made yet."""
    return _container(light=services_over(parts), parts=parts)


def _container(*, light: LightServices, parts: LightParts, consent: Callable[[str], str] | None = None) -> Container:
    """Make the container. Its libraries are loaded now."""
    from entrypoints.container import Container

    return Container(light=light, parts=parts, consent=consent)


def diagnosis(environ: Mapping[str, str]) -> Diagnose:
    """Make what looks at the home that *environ* names, and at all around it. Neither is made nor changed.

    Raises:
        ConfigError: No home can be told.
    """
    return container_for(light_parts(named_home(environ), environ)).diagnose


def agent_control(environ: Mapping[str, str]) -> AgentControl:
    """Make what gives orders to the agent of the home that *environ* names.

    Raises:
        ConfigError, StoreNotWritable: The home cannot be told, made or used.
    """
    from adapters.agent.control_client import SocketControl

    return SocketControl(home=home_folder(environ), environ=environ)


def forward_to(
    light: LightServices, environ: Mapping[str, str], serving: Callable[[], AbstractContextManager[object]]
) -> ForwardTo:
    """Make what lends sign-ins of *light* to another machine. *serving* is an agent for when none runs."""
    from adapters.forwarding.system_ssh import SystemSsh
    from application.forwarding.forward_to import ForwardTo

    return ForwardTo(
        auth=light.auth,
        shell=SystemSsh(environ=environ),
        agent=agent_control(environ),
        serving=serving,
        clock=light.clock,
    )


def forwarding_place(environ: Mapping[str, str]) -> Place:
    """Make room for a socket by which this machine reaches the agent of another one, and say where that is.

    Raises:
        ConfigError, StoreNotWritable: There can be none.
    """
    from adapters.forwarding.places import prepare
    from adapters.forwarding.protocol import VERSION as PROTOCOL
    from application.ports.forwarding.secure_shell import Place
    from domain.version import VERSION

    return Place(path=str(prepare(environ, home_folder(environ))), version=VERSION, protocol=PROTOCOL)


def config_editor(home: Path, environ: Mapping[str, str]) -> ConfigEditor:
    """Make the editor of the config of *home*. No fast command needs it, so it is made apart from them."""
    from adapters.config.config_editor import TomlConfigEditor

    parts = light_parts(home, environ)
    return TomlConfigEditor(config=parts.config, catalogue=parts.catalogue, owner=parts.catalogue.owner)


def key_place(home: Path) -> KeyPlaceReader:
    """Make what tells where the master key of *home* is."""
    return NoteFile(home=home)


def bring_up_to_date(home: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Migrate an older config; the sentences say what changed. Costs one read where there is nothing to do.

    Raises:
        ConfigError: The config makes no sense; it was left alone.
        StoreDamaged: The session store cannot be read.
    """
    parts = light_parts(home, environ)
    present = parts.environment.present()

    def only_in_environment(provider: Provider) -> bool:
        return provider in present and all(record.provider is not provider for record in parts.reader.records())

    return parts.config.migrate(only_in_environment)


def others_at_work(home: Path) -> bool:
    """Whether another program's sign-ins lie in *home* that the use case `TakeOver` has to look at."""
    if has_only_our_files(home):
        return False
    from adapters.earlier_programs.accounts_file import others_at_work as at_work

    return at_work(home)


def _conversations(home: Path) -> ConversationStore:
    from adapters.conversations.sqlite_store import SqliteConversations

    return SqliteConversations(home=home)


def _ledger(home: Path, conversations: Callable[[], ConversationStore]) -> Ledger:
    from adapters.ledger.sqlite_ledger import SqliteLedger

    return SqliteLedger(home=home, earlier=lambda: conversations().answers())


def _usage(parts: LightParts) -> ReadUsage:
    from application.use_cases.read_usage import ReadUsage

    return ReadUsage(ledger=parts.ledger(), clock=parts.clock)


def _new_files(home: Path) -> NewFiles:
    from adapters.files.new_files import PrivateFiles

    return PrivateFiles(home=home)


def _outbox(home: Path, clock: Clock) -> Outbox:
    from adapters.outbox.folder import FolderOutbox

    return FolderOutbox(home=home, clock=clock)


def _parked(outbox: Callable[[], Outbox]) -> ParkedMessages:
    from application.use_cases.parked_messages import ParkedMessages

    return ParkedMessages(outbox=outbox())


def _person(environ: Mapping[str, str]) -> Path | None:
    """Where the person's other programs keep their files; nowhere in a rehearsal, which has none of these variables."""
    named = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(named) if named else None
