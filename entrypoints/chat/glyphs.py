"""The signs on the screen. A word stands beside each: neither colour nor sign says anything alone."""

from __future__ import annotations

from typing import Final

from domain.finding import Verdict
from domain.records import dataclass
from entrypoints.words.accounts import ASCII_SIGNS, SIGNS


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs."""

    ok: str
    warn: str
    no: str
    active: str
    favourite: str
    replaced: str
    """Another model answers."""
    dot: str
    sent: str
    received: str
    ellipsis: str
    divider: str
    bullet: str
    """Of a list in an answer."""
    quote: str
    rule: str
    crossing: str
    """Where a rule and a divider meet."""
    folded: str
    unfolded: str
    below: str
    vertical: str
    horizontal: str

    @property
    def signs(self) -> dict[bool, str]:
        """The signs of a status line."""
        return {True: self.ok, False: self.no}

    @property
    def verdicts(self) -> dict[Verdict, str]:
        """The signs of a diagnosis."""
        return {Verdict.OK: self.ok, Verdict.WARNING: self.warn, Verdict.PROBLEM: self.no}


UNICODE: Final = Glyphs(
    ok=SIGNS[True], warn="⚠️", no=SIGNS[False], active="▶", favourite="★", replaced="→", dot=" · ", sent="↑",
    received="↓", ellipsis="…", divider="│", bullet="•", quote="▎", rule="─", crossing="┼",
    folded="▸", unfolded="▾", below="↓", vertical="↑↓", horizontal="←→",
)  # fmt: skip
ASCII: Final = Glyphs(
    ok=ASCII_SIGNS[True], warn="[!]", no=ASCII_SIGNS[False], active=">", favourite="*", replaced="->", dot=" - ",
    sent="in ", received="out ", ellipsis="...", divider="|", bullet="*", quote=">", rule="-",
    crossing="+", folded="+", unfolded="-", below="v", vertical="Up/Down", horizontal="Left/Right",
)  # fmt: skip
