from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from domain.conversation import StopReason, Turn, Usage
from domain.model import Answering
from domain.records import dataclass
from domain.session import Credential
from domain.usage.allowance import Allowance


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a model is asked, and how."""

    answering: Answering
    turns: tuple[Turn, ...]
    """What is visible of the conversation, as much as the model takes in; the last is the person's."""
    system: str = ""
    max_output: int | None = None
    """Tokens that the answer may have, where somebody wants a limit; a plan takes none."""
    goes_on: bool = False
    """Whether more is likely to be asked within minutes: what is sent is worth a cache then, also where writing to one
    costs more than plain input."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The provider took the request; what it told beside the answer, before that begins."""

    request_id: str
    """How it knows the request; "" where it does not say. Foreign text."""
    allowances: tuple[Allowance, ...] = ()
    """What is left of its limits, where it says."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer. Foreign text, as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the summary of the model's thoughts. Foreign text."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete; nothing follows."""

    stop: StopReason
    usage: Usage
    model: str = ""
    """The id of the model that answered, where the provider names one. Foreign text."""
    unpriced: str = ""
    """What of the answer is not billed by the standard list, in words; "" where all is. Foreign text."""


ChatEvent = Opened | TextDelta | ReasoningDelta | Done


class ChatClient(Protocol):
    """Asks a provider's model and streams its answer."""

    def stream(self, request: ChatRequest, credential: Credential) -> AsyncGenerator[ChatEvent, None]:
        """The answer as it comes; ends with `Done`. Closing the iterator closes the connection.

        `Opened` comes before all else, and once more where the request had to be sent again; not at every provider.

        The credential goes to its own provider's API origin and nowhere else.

        Raises:
            AuthRejected: 401, before any event.
            LimitReached: A limit, with its reset where the provider says.
            Overloaded, Offline, Refused, BrokenStream, AnswerUnreadable: As named.
        """
        ...

    async def check(self, credential: Credential) -> bool:
        """Ask the provider whether it accepts *credential*, by a request that costs nothing.

        False where the provider has none, and nothing was asked.

        Raises:
            AuthRejected: It does not.
            LimitReached, Overloaded, Offline, Refused, AnswerUnreadable: As named; nothing is known then.
        """
        ...
