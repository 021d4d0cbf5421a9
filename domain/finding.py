"""What a look at the machine finds, and what a person can do about it."""

from __future__ import annotations

from enum import StrEnum

from domain.records import dataclass


class Verdict(StrEnum):
    """How good or bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    """It works, or works in another way; worth knowing."""
    PROBLEM = "problem"
    """Something that the person asked for will not work."""


class Area(StrEnum):
    """What was looked at; in the order in which a person reads it."""

    PLACE = "place"
    """The kind of machine and session: SSH, WSL, a container."""
    CONFIG = "config"
    STORE = "store"
    KEY = "key"
    MODELS = "models"
    CLOCK = "clock"
    PROXY = "proxy"
    CERTIFICATES = "certificates"
    HOSTS = "hosts"
    LOOPBACK = "loopback"
    PORTS = "ports"
    BROWSER = "browser"
    FORWARDING = "forwarding"
    """Sign-ins of another machine that are to be used here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. It holds no secret."""

    area: Area
    verdict: Verdict
    what: str
    """A phrase on one line, with its reason; it may quote foreign text."""
    fix: str = ""
    """What to do, on one line: a command, or a step. Empty where nothing needs to be done."""


def ok(area: Area, what: str) -> Finding:
    """A finding that something is as it should be."""
    return Finding(area, Verdict.OK, what)


def warning(area: Area, what: str, fix: str = "") -> Finding:
    """A finding that is worth knowing, although everything works."""
    return Finding(area, Verdict.WARNING, what, fix)


def problem(area: Area, what: str, fix: str) -> Finding:
    """A finding that keeps something from working."""
    return Finding(area, Verdict.PROBLEM, what, fix)
