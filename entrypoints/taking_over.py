"""The first thing that a command does which writes, where another program's sign-ins lie in our home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from application.ports.earlier_files import TakenOver
from application.use_cases.move_key import refuse_weak
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import PassphraseNeeded
from domain.records import dataclass
from domain.text.secret import Secret
from entrypoints.words.earlier_programs import IMPORTED_ADVICE


@dataclass(frozen=True, slots=True)
class Passphrases:
    """Who is asked where the master key is sealed. Either raises PassphraseNeeded where nobody can be."""

    current: Callable[[], Secret]
    """For the one that the key is sealed with."""
    new: Callable[[], Secret]
    """For one to seal the first key with, where the config wants that."""


def take_over(home: Path, environ: Mapping[str, str], passphrases: Passphrases) -> tuple[str, ...]:
    """Make an earlier program's sign-ins ours, and see that our store stands where it belongs; what changed is said.

    Raises:
        StoreError: It cannot be done now, or the earlier program's file cannot be used; nothing was changed.
        UsageError: So is the passphrase, or what it was read from; nothing was changed.
        ConfigError: The config makes no sense, so that it is not known where the sign-ins belong.
    """
    from entrypoints.light import container_for, light_parts, protect

    protect()
    container = container_for(light_parts(home, environ))
    work, keys = container.take_over, container.keys
    try:
        taken = work()
    except PassphraseNeeded:
        if keys.needs_passphrase():
            keys.unlock(passphrases.current())
        else:
            first = passphrases.new()
            refuse_weak(first)
            container.holders.passphrase.give(first)
        taken = work()
    return (*sentences(taken), *container.earlier_files.notices())


def sentences(taken: TakenOver) -> Iterator[str]:
    """What was taken over, where it is kept, and what was not: each a sentence for the owner."""
    files = " and ".join(taken.files)
    if taken.records:
        what = ", ".join(map(_name, taken.records))
        yield f"Taken over from {files} of an earlier program: {what}."
    if taken.files:
        kept = "are kept as they were" if len(taken.files) > 1 else "is kept as it was"
        yield f"{files} {kept}, sealed, in {taken.kept_in} (keyswitch config restore-backup)."
    yield from taken.other_names
    for problem in taken.problems:
        yield f"Not taken over: {problem}."
    if taken.unused:
        yield f"What keyswitch has no use for is in the sealed copy alone: {', '.join(taken.unused)}."
    if any(record.imported for record in taken.records):
        yield IMPORTED_ADVICE


def _name(record: CredentialRecord) -> str:
    if record.kind is CredentialKind.API_KEY:
        return f"a {record.provider.label} API key {record.label}"
    return f"a {record.provider.label} sign-in ({record.label})"
