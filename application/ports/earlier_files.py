from __future__ import annotations

from typing import Protocol

from domain.credential import CredentialRecord
from domain.provider import Provider
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What became of files that other programs kept in our home."""

    records: tuple[CredentialRecord, ...] = ()
    """What is ours now."""
    files: tuple[str, ...] = ()
    """Names of the files whose contents were taken over. Each is kept as it was, sealed."""
    kept_in: str = ""
    """Where, as a path; "" where nothing was taken over."""
    problems: tuple[str, ...] = ()
    """What could not be, each with its place before it: `auth.json: claude: it is no JSON object`."""
    other_names: tuple[str, ...] = ()
    """Of each such file that has other names (hard links), under which its content stays: a sentence."""
    unused: tuple[str, ...] = ()
    """Names of members that mean nothing to keyswitch."""


class EarlierFiles(Protocol):
    """Sign-ins that other programs keep, or kept, in our home."""

    def take_over(self) -> TakenOver:
        """Make the sign-ins of an earlier program ours; nothing where that was done before, or there is none.

        May be stopped anywhere: until it is done nothing has changed, and what is missing then is done the next time.

        Raises:
            StoreDamaged: Its file cannot be used, or nothing in it; it was left alone.
            StoreLocked: The master key is out of reach; nothing was changed.
            StoreNotWritable, StoreBusy, StoreNewer: As they say; nothing was changed.
        """
        ...

    def put_back(self) -> bool:
        """Put our store back where another program's file is, which is kept, or none; whether that was so.

        Raises:
            As `take_over` does.
        """
        ...

    def adopt(self, provider: Provider) -> tuple[CredentialRecord, ...]:
        """Make the sign-ins of *provider* ours that another program left here after us; () where there are none.

        They become the active ones. Raises as `take_over` does.
        """
        ...

    def restore(self, folder: str | None) -> tuple[str, ...]:
        """Write what was taken over first into *folder* as it was, readable for its owner alone; the paths written.

        None is the home folder: there our own store gives its place up, and its last good copy stays beside it.
        () where nothing was ever taken over.

        Raises:
            StoreNotWritable: A file is in the way, or the folder takes none.
            As `take_over` does.
        """
        ...
