"""What a provider sends back at the end of a sign-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from domain.text.secret import Secret


class CallbackParameters(Mapping[str, str]):
    """The parameters of a redirect (RFC 6749, 4.1.2). Code and state are among them, so only their names are shown."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: Secret(value) for name, value in values.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name].reveal()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"CallbackParameters({', '.join(self._values)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("CallbackParameters are neither pickled nor copied")
