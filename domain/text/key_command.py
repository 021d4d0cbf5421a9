"""An API key that a program of the person's prints: the command of a password manager, named in the config."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING, Final
from zlib import crc32

from domain.credential import BY_COMMAND, CredentialKey, CredentialKind, CredentialRecord
from domain.provider_facts.payer import Payer
from domain.records import dataclass
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import MASK, masked_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from domain.provider import Provider

_LONGEST_SHOWN: Final = 80
"""Characters."""

_SECRET: Final = r"(?:pass(?:word|wd|phrase|code)?|pwd|pin|secret|token|auth|credential|api-?key|session)s?"
_NAMED: Final = rf"[\w.-]*?(?<![A-Za-z]){_SECRET}(?![A-Za-z])[\w.-]*"
# They are compiled where a command is shown: `status` knows no command in most homes, and would wait 5 ms for them.
_OPTION: Final = rf"(?i)--?{_NAMED}"
"""`--password`, after which the password stands."""

_ASSIGNED: Final = rf"(?is)(-*{_NAMED}=).*"
"""`--password=...` and `TOKEN=...`, one word."""

_INSIDE: Final = rf"""(?i)((?:(?<!\S)--?{_NAMED}\s+|{_NAMED}=))('[^']*'|"[^"]*"|\S+)"""
"""The same within a word of several words, such as a script."""

_USER: Final = r"(?<=://)[^/?#@\s]+@"
"""Name and password in an address."""


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """What to run for the API key of a provider. Only who may write the config says what it is."""

    provider: Provider
    words: tuple[str, ...]
    """The program and its arguments; no shell reads them."""

    @property
    def shown(self) -> str:
        """The command for people, cut, without the arguments that look like secrets. Safe to show."""
        line = untrusted_line(" ".join(word if MASK in word else quote(word) for word in _masked(self.words)))
        return line if len(line) <= _LONGEST_SHOWN else f"{line[: _LONGEST_SHOWN - 1]}…"

    @property
    def key(self) -> CredentialKey:
        """Another command is another credential: a conversation that holds on to one does not go on with the other."""
        account = f"{BY_COMMAND}{crc32(chr(0).join(self.words).encode('utf-8', errors='surrogatepass')):08x}"
        return CredentialKey(self.provider, account, CredentialKind.API_KEY)

    def record(self, now: datetime) -> CredentialRecord:
        """The key as it is shown and decided on, without running anything. *now* is aware, in UTC."""
        return CredentialRecord(
            key=self.key,
            label=f"from the command `{self.shown}`",
            payer=Payer.API_BILLING,
            active=True,
            generation=0,
            session_id=self.key.account,
            obtained_at=now,
        )


def _masked(words: Sequence[str]) -> Iterator[str]:
    """*words* with the mask in the place of what looks like a secret, or stands where one does."""
    before = ""
    for word in words:
        if re.fullmatch(_OPTION, before) and not word.startswith("-"):
            yield MASK
        elif (assigned := re.fullmatch(_ASSIGNED, word)) and (word.startswith("-") or not _has_blanks(word)):
            yield f"{assigned[1]}{MASK}"
        else:
            yield masked_arguments(re.sub(_USER, f"{MASK}@", re.sub(_INSIDE, rf"\1{MASK}", word)))
        before = word


def _has_blanks(word: str) -> bool:
    return any(character.isspace() for character in word)
