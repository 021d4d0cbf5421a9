"""`keyswitch events`: the local log, for people and for programs."""

from __future__ import annotations

from typing import Any, Final

from domain.accounts import account_names, tag
from domain.errors import KeyswitchError
from domain.event import MESSAGE_ANSWERED, Event
from domain.provider import Provider
from entrypoints.cli.home import light
from entrypoints.cli.output import result, result_json, say, timestamp
from entrypoints.event_words import event_words
from entrypoints.services import LightServices

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

EVERYTHING: Final = 100_000
"""More events than the log can hold: it is limited to two files of 1 MiB, and a line takes some hundred bytes."""


def show_events(*, count: int, provider: Provider | None, answered: bool, as_json: bool) -> int:
    """Print the last *count* events, of *provider* or of all, oldest first. Always exit code 0.

    *answered* includes the messages that went well, which for people are left out: they would hide the rest.
    """
    services = light()
    read = services.history.tail(EVERYTHING).events
    events = [event for event in read if _wanted(event, provider, answered=answered or as_json)][-count:]
    if as_json:
        result_json({"schema": SCHEMA, "events": [event_document(event) for event in events]})
        return 0
    names = _names(services)
    for event in events:
        result(f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}  {event_words(event, names)}")
    if not events:
        say("Nothing has been recorded yet." if provider is None else f"Nothing about {provider.label} is recorded.")
    return 0


def event_document(event: Event) -> dict[str, Any]:
    """*event* for programs."""
    return {"at": timestamp(event.at), "event": event.name, "pid": event.pid, "facts": dict(event.facts)}


def _wanted(event: Event, provider: Provider | None, *, answered: bool) -> bool:
    return provider in (None, event.provider) and (answered or event.name != MESSAGE_ANSWERED)


def _names(services: LightServices) -> dict[str, str]:
    """The accounts by their tags; a store that cannot be read leaves them nameless."""
    try:
        names = account_names(services.situation().credentials)
    except KeyswitchError:
        return {}
    return {tag(key): name for key, name in names.items()}
