"""What a vendor's protocol has to say about one question and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from adapters.chat.chat_address import ChatSettings
from adapters.chat.error_body import Problem
from application.ports.chat_client import ChatEvent, ChatRequest, Done
from domain.provider import Provider
from domain.records import dataclass
from domain.session import ApiKey, Credential, Forwarded
from domain.text.secret import Secret


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request, ready to send."""

    url: str
    body: Mapping[str, Any] | None
    """None: a GET. Otherwise a POST with this as JSON."""
    headers: Mapping[str, str]
    credential: Mapping[str, Secret]
    """The fields that hold it. The transport adds them, where the request goes to the credential's own origin."""


class Reader(Protocol):
    """Folds what comes of one answer."""

    @property
    def finished(self) -> bool:
        """Whether the answer is complete: if nothing more came, nothing would be missing."""
        ...

    @property
    def over(self) -> bool:
        """Whether the last event of the protocol has come. Text that follows all the same is taken."""
        ...

    def feed(self, data: str, name: str = "") -> tuple[ChatEvent, ...]:
        """What one server-sent event of this *name* adds to the answer.

        Raises:
            UnreadableEvent: It is no event of this protocol.
            ReportedProblem: It reports an error.
        """
        ...

    def feed_document(self, document: object) -> tuple[ChatEvent, ...]:
        """What a JSON document adds that came in the place of a stream.

        Raises:
            UnreadableEvent, ReportedProblem: As above.
        """
        ...

    def rest(self) -> tuple[ChatEvent, ...]:
        """What was held back until it was clear that nothing more comes."""
        ...

    def done(self) -> Done:
        """How the finished answer ended."""
        ...


class Wire(Protocol):
    """The protocol in which one vendor is asked and answers."""

    @property
    def provider(self) -> Provider:
        """The provider that speaks this protocol."""
        ...

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        """How *request* is put to the vendor."""
        ...

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        """The request that costs nothing and needs the credential: the list of models. None where there is none."""
        ...

    def headers(self, credential: Credential, settings: ChatSettings) -> Mapping[str, str]:
        """What each request with *credential* says in its head: the version, and for whom it is."""
        ...

    def fields(self, credential: Credential) -> Mapping[str, Secret]:
        """The header fields that hold *credential*."""
        ...

    def reader(self) -> Reader:
        """A reader for one answer."""
        ...

    def problem(self, body: object) -> Problem | None:
        """What a JSON error body says; None if it is not one of this vendor's."""
        ...


class UnreadableEvent(Exception):
    """An event that is none of its protocol."""

    def __init__(self, reason: str, *, lost: bool = False, said: tuple[ChatEvent, ...] = ()) -> None:
        super().__init__(reason)
        self.lost = lost
        """Whether a piece of the answer may have been in it."""
        self.said = said
        """What could be read of it."""


class ReportedProblem(Exception):
    """An event that says what went wrong."""

    def __init__(self, problem: Problem, said: tuple[ChatEvent, ...] = ()) -> None:
        super().__init__(problem.kinds)
        self.problem = problem
        self.said = said
        """What the same event adds to the answer."""


_CREDENTIAL_HEADERS: Final = frozenset(
    {"authorization", "cookie", "host", "proxy-authorization", "x-api-key", "x-goog-api-key"}
)


def secret_of(credential: Credential) -> Secret:
    """The secret of *credential* that goes on the wire; an empty one where it stays on another machine."""
    if isinstance(credential, Forwarded):
        return Secret("")
    return credential.value if isinstance(credential, ApiKey) else credential.access_token


def fields_of(credential: Credential, *, key_field: str = "") -> dict[str, Secret]:
    """The header field that carries *credential*: a bearer token (RFC 6750, 2.1), or a key
    in a field of the vendor's own. A forwarded one is added by the machine that has it.
    """
    if isinstance(credential, Forwarded):
        return {}
    if key_field and isinstance(credential, ApiKey):
        return {key_field: credential.value}
    return {"authorization": Secret(f"Bearer {secret_of(credential).reveal()}")}


def with_extra(headers: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """*headers* and the configured *extra* ones, which neither replace one of ours nor carry a credential."""
    allowed = {name.lower(): value for name, value in extra.items() if name.lower() not in _CREDENTIAL_HEADERS}
    return {**allowed, **headers}
