"""In each state of a sign-in, what is advised works where it is read: app, plain mode, command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Final

import click
from textual.binding import Binding

from application.settings import EnvKeys, Settings
from domain.credential import Setback, Tombstone
from domain.errors import SignInNeeded, StoreDamaged, StoreLocked
from domain.provider import Provider
from domain.session import OwnCredential
from domain.store_trouble import StoreTrouble
from domain.switching import SignInRequired
from entrypoints.chat import slash
from entrypoints.chat.glyphs import UNICODE
from entrypoints.chat.welcome import welcome, welcome_by_lines
from entrypoints.chat.window_state import WindowState, window_state
from entrypoints.cli.group import program
from entrypoints.cli.status_report import remarks
from entrypoints.tui.screens.account_rows import AccountTable, account_rows, details
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from entrypoints.tui.screens.chat_questions import sign_in_needed
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.words.errors import command_for, error_sentence
from entrypoints.words.ways_in import that_works
from tests.support.credentials import NOON, a_session, an_api_key, an_intent
from tests.support.world import World

Make = Callable[[Provider], OwnCredential]

ENDED: Final = Tombstone("the provider ended it (invalid_grant)", NOON)
FAILED: Final = Setback("the provider is down", 3, NOON + timedelta(minutes=5))

STORED: Final[dict[str, Make]] = {
    "signed in": a_session,
    "ending soon": lambda one: a_session(one, sign_in_expires_at=NOON + timedelta(hours=20)),
    "past its end": lambda one: a_session(one, sign_in_expires_at=NOON - timedelta(hours=1)),
    "not to be renewed": lambda one: a_session(one, renewable=False),
    "run out": lambda one: a_session(one, renewable=False, access_expires_at=NOON - timedelta(hours=1)),
    "ended": lambda one: a_session(one, tombstone=ENDED),
    "failing": lambda one: a_session(one, setback=FAILED),
    "in doubt": lambda one: a_session(one, intent=an_intent(NOON - timedelta(hours=1))),
    "copied": lambda one: a_session(one, elsewhere=True),
    "not chosen": lambda one: a_session(one, active=False),
    "plan use off": lambda one: a_session(one, plan_scope="plan.use"),
    "key": an_api_key,
}
"""What may be kept of a sign-in."""

TROUBLES: Final = {
    "locked": StoreLocked("auth.json", "the key cannot be had"),
    "key missing": StoreLocked("auth.json", "its master key is gone", code="key_missing"),
    "damaged": StoreDamaged("auth.json", "a record cannot be read"),
}
"""What may be wrong with the store."""


def worlds(provider: Provider, clients: frozenset[Provider]) -> Iterator[tuple[str, World]]:
    """One in each state that a sign-in to *provider* may be in."""
    settings = Settings(clients=clients)
    for state, make in STORED.items():
        if state == "plan use off" and provider is not Provider.CHATGPT:
            continue  # nothing of the kind is asked for there
        yield state, World(make(provider), settings=settings)
    yield "nothing", World(settings=settings)
    for state, error in TROUBLES.items():
        world = World(settings=settings)
        world.sessions.troubles = (StoreTrouble(error, a_session(provider).record.key),)
        yield state, world
    for use in EnvKeys:
        world = World(settings=Settings(clients=clients, env_keys=use))
        world.environment.hold(provider)
        yield f"in the environment ({use})", world
    if provider is Provider.CLAUDE:
        world = World(settings=Settings(clients=clients, claude_profile="work"))
        world.borrowed.sign_in("work")
        yield "borrowed", world


def on_the_command_line(world: World, needed: SignInNeeded) -> str:
    report, clients = world.status(), world.config.settings.clients
    return "\n".join([*remarks(report), error_sentence(needed), that_works(command_for(needed), clients)])


def in_plain_mode(state: WindowState, needed: SignInRequired) -> str:
    by_key = f"/login --provider={needed.provider} --api-key"
    asked = f"{needed.sentence} Run /login --provider={needed.provider}"
    return "\n".join([welcome_by_lines(state), asked, state.way_in(needed.provider, by_key)])


def in_the_app(world: World, state: WindowState, needed: SignInRequired) -> str:
    way_in = state.way_in(needed.provider, "Ctrl+K")
    question = sign_in_needed(needed, current=None, draft_lines=0, way_in=way_in, glyphs=UNICODE)
    return "\n".join([*welcome(state, demo=False), *question._lines, *on_the_accounts_screen(world)])


def on_the_accounts_screen(world: World) -> list[str]:
    report = world.status()
    table = AccountTable(UNICODE, report.at, "-", 100, {}, {})
    return [line for row in account_rows(report, None) for line in details(row, report, table)]


def wrong_commands(text: str, clients: frozenset[Provider]) -> Iterator[str]:
    """The commands in *text* that do not exist, make no sense, or end for want of a client."""
    for command in re.findall(r"keyswitch (?:login|accounts|refresh|config|status|doctor|use|models)[^.,;:)\n]*", text):
        _, name, *arguments = shlex.split(command)
        try:
            found = program().get_command(click.Context(program()), name)
            assert found is not None
            if not isinstance(found, click.Group):
                found.make_context(name, [one for one in arguments if one != "again"])
        except (click.ClickException, AssertionError) as error:
            yield f"{command}: {error}"
        provider = next((one for one in Provider if one.value in arguments), None)
        if name == "login" and provider not in (None, *clients) and not {"--api-key", "--adopt"} & set(arguments):
            yield f"{command}: it ends in no_client"


def wrong_lines(text: str) -> Iterator[str]:
    """The lines to type in *text* that are no commands of a chat."""
    known = {one.text for one in slash.help_lines()}
    yield from (line for line in re.findall(r"(?<![\w./])/[a-z]+", text) if line not in known)


def wrong_keys(text: str, screen: type[ChatScreen | AccountsScreen], pattern: str) -> Iterator[str]:
    bound = {key for one in screen.BINDINGS if isinstance(one, Binding) for key in one.key.split(",")}
    yield from (key for key in re.findall(pattern, text) if key.lower() not in bound)


def test_what_is_advised_works_where_it_is_read() -> None:
    wrong: list[tuple[str, str]] = []
    for provider, has_clients in product(Provider, (True, False)):
        clients = frozenset(Provider) if has_clients else frozenset({Provider.CHATGPT})
        for name, world in worlds(provider, clients):
            snapshot = world.snapshot()
            state = window_state(snapshot, None)
            needed = SignInRequired(snapshot.catalogue.default_for(provider))
            typed = on_the_command_line(world, SignInNeeded(provider, needed.preset.label))
            plain, app = in_plain_mode(state, needed), in_the_app(world, state, needed)
            found = [
                *wrong_commands(typed, clients),
                *(f"{line}: on the command line" for line in re.findall(r"(?<![\w./])/login", typed)),
                *wrong_lines(plain + app),
                *(f"{line}: in a chat" for line in re.findall(r"keyswitch login[^\n]*", plain + app)),
                *(f"{key}: in plain mode" for key in re.findall(r"\b(?:F\d|Ctrl\+\w)", plain)),
                *wrong_keys(app, ChatScreen, r"\bF\d"),
                *wrong_keys(app, AccountsScreen, r"(?:^|· |: )([a-z]) (?:logs|uses)"),
            ]
            wrong += [(f"{provider}, {name}, {'' if has_clients else 'no '}clients", one) for one in found]
            if provider not in clients and "--api-key" not in typed:
                wrong.append((f"{provider}, {name}, no clients", "no way in"))
    assert wrong == []
