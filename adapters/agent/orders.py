"""How the owner's commands and the agent write to each other: one JSON object a line, over the control socket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from application.ports.forwarding.agent import OpenGrant, Wish
from domain.forwarding.grant import Grant
from domain.provider import Provider
from domain.text.moments import moment_from_text, moment_text

LONGEST_LINE: Final = 256 * 1024
"""Bytes; a grant takes some 300."""


def wish_members(wish: Wish, *, held: bool) -> dict[str, Any]:
    """*wish*, as an order; one that is *held* ends with the connection that it came by."""
    return {
        "do": "open",
        "host": wish.host,
        "providers": sorted(wish.providers),
        "seconds": wish.seconds,
        "confirm": wish.confirm,
        "held": held,
    }


def wish_of(members: Mapping[str, Any]) -> Wish:
    """The wish that `wish_members` wrote. Raises ValueError, KeyError or TypeError where it is none."""
    seconds = members["seconds"]
    return Wish(
        host=str(members["host"]),
        providers=frozenset(Provider(name) for name in members["providers"]),
        seconds=None if seconds is None else float(seconds),
        confirm=bool(members["confirm"]),
    )


def grant_members(opened: OpenGrant) -> dict[str, Any]:
    """*opened*, as an answer."""
    until: datetime | None = opened.grant.until
    return {
        "host": opened.grant.host,
        "providers": sorted(opened.grant.providers),
        "until": None if until is None else moment_text(until),
        "confirm": opened.grant.confirm,
        "socket": opened.socket,
        "over": opened.over,
        "relayed": opened.relayed,
        "running": opened.running,
    }


def grant_of(members: Mapping[str, Any]) -> OpenGrant:
    """The grant that `grant_members` wrote. Raises as `wish_of` does."""
    until = members["until"]
    grant = Grant(
        host=str(members["host"]),
        providers=frozenset(Provider(name) for name in members["providers"]),
        until=None if until is None else moment_from_text(str(until)),
        confirm=bool(members["confirm"]),
    )
    return OpenGrant(
        grant,
        str(members["socket"]),
        over=bool(members["over"]),
        relayed=int(members["relayed"]),
        running=int(members["running"]),
    )
