"""`keyswitch events`: the local log, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from domain.accounts import account_names, tag
from domain.errors import KeyswitchError
from domain.event import MESSAGE_ANSWERED, Event
from domain.provider import Provider
from entrypoints.cli.home import light
from entrypoints.cli.output import result, result_json, say, timestamp
from entrypoints.services import LightServices
from entrypoints.words.events import event_words
from entrypoints.words.local_time import local

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

_DEPTHS: Final = (500, 5_000, 100_000)
"""How many events to read at first, and where too few of them are wanted ones. The last is more than the log can
hold: it is limited to two files of 1 MiB, and a line takes some hundred bytes."""


def show_events(*, count: int, provider: Provider | None, answered: bool, as_json: bool) -> int:
    """Print the last *count* events, of *provider* or of all, oldest first. Always exit code 0.

    *answered* includes the messages that went well, which for people are left out: they would hide the rest.
    """
    services = light()
    events = _latest(services, count, lambda event: _wanted(event, provider, answered=answered or as_json))
    if as_json:
        result_json({"schema": SCHEMA, "events": [event_document(event) for event in events]})
        return 0
    names = _names(services)
    for event in events:
        result(f"{local(event.at):%Y-%m-%d %H:%M:%S}  {event_words(event, names)}")
    if not events:
        say("Nothing has been recorded yet." if provider is None else f"Nothing about {provider.label} is recorded.")
    return 0


def event_document(event: Event) -> dict[str, Any]:
    """What programs read of *event*."""
    return {"at": timestamp(event.at), "event": event.name, "pid": event.pid, "facts": dict(event.facts)}


def _latest(services: LightServices, count: int, wanted: Callable[[Event], bool]) -> list[Event]:
    """The last *count* events that are wanted, oldest first; reads no more of the log than that takes."""
    found: list[Event] = []
    for depth in _DEPTHS:
        tail = services.history.tail(depth)
        found = [event for event in tail.events if wanted(event)]
        if len(found) >= count or tail.complete:
            break
    return found[-count:]


def _wanted(event: Event, provider: Provider | None, *, answered: bool) -> bool:
    return provider in (None, event.provider) and (answered or event.name != MESSAGE_ANSWERED)


def _names(services: LightServices) -> dict[str, str]:
    """The accounts by their tags; a store that cannot be read leaves them nameless."""
    try:
        names = account_names(services.auth.snapshot().credentials)
    except KeyswitchError:
        return {}
    return {tag(key): name for key, name in names.items()}
