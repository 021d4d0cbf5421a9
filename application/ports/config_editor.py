from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from domain.records import dataclass

if TYPE_CHECKING:
    from domain.text.secret import Secret


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the owner of the config file should know."""

    sentence: str
    is_problem: bool
    """Whether keyswitch cannot work with it; else it is only worth a look."""


class ConfigEditor(Protocol):
    """The config file key by key, as its owner sees it. No call shows a secret."""

    def get(self, key: str) -> str | None:
        """Return what *key* says, a secret masked; None where it is not set and has no default.

        Raises:
            UnknownName: There is no such key.
            ConfigError: The file cannot be read.
        """
        ...

    def entries(self) -> tuple[tuple[str, str], ...]:
        """All keys that are set with what they say, in the order of the file. Raises ConfigError as `get`."""
        ...

    def takes_secret(self, key: str) -> bool:
        """Whether the value of *key* must not be seen. Raises UnknownName as `get`."""
        ...

    def set(self, key: str, value: str | Secret) -> None:
        """Write *value*, as TOML where the key takes a list or a table, and as it is elsewhere.

        Raises:
            UnknownName: There is no such key.
            UsageError: It does not take that value, or is not set this way.
            ConfigError: The file cannot be read, edited or written. It was left alone.
        """
        ...

    def remarks(self) -> tuple[Remark, ...]:
        """All that is wrong or odd about the file, each in a sentence, problems first."""
        ...
