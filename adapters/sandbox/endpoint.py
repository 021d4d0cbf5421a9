"""What every request of every provider goes through: it is read, logged, and given its fault."""

from __future__ import annotations

import asyncio
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from adapters.sandbox.billing.till import Till
from adapters.sandbox.consent_page import ErrorPage, error_page
from adapters.sandbox.faults import FAULT_KINDS, Fault, FaultPlan
from adapters.sandbox.list_shapes import changed
from adapters.sandbox.request_log import LoggedRequest, RequestLog
from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.tokens import Mint, Token, TokenPair, TokenRegistry

_TOKEN_LIKE: Final = re.compile(r"[A-Za-z0-9._~/\-]{16,}")
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_BY_GRANT: Final = {"refresh_token": "refresh", "urn:ietf:params:oauth:grant-type:device_code": "poll"}
BAD_REQUEST: Final = 400
"""The first status that refuses (RFC 9110, 15.5)."""


@dataclass(frozen=True, slots=True)
class World:
    """What the three providers share."""

    settings: SandboxSettings
    mint: Mint
    tokens: TokenRegistry
    log: RequestLog
    faults: FaultPlan
    till: Till
    abort: Callable[[Scope], None]
    """Breaks a request's connection at once."""


class ErrorAnswer(JSONResponse):
    """A vendor's error answer; *code* is what the log shows of it."""

    def __init__(self, status: int, content: object, *, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code=status, headers=headers)
        self.code = code


class Refused(Exception):
    """Ends the handling of a request with *answer*."""

    def __init__(self, answer: ErrorAnswer) -> None:
        super().__init__(answer.code)
        self.answer = answer


class Abandoned(Response):
    """No answer at all: the connection is broken."""

    def __init__(self, abort: Callable[[Scope], None]) -> None:
        super().__init__()
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._abort(scope)
        await disconnected(receive)


async def disconnected(receive: Receive) -> None:
    """Wait until the client has gone. Only after the body has been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass(slots=True)
class Call:
    """One request, read to its end."""

    provider: str
    kind: str
    request: Request
    body: bytes
    query: dict[str, str]
    fields: dict[str, object]
    """The body's members, whether it is a form or a JSON object; empty for anything else."""
    repeated: frozenset[str]
    """Form fields and query parameters that were sent twice; RFC 6749, 3.1 and 3.2 forbid that."""
    token: Token | None = None
    """The OAuth token presented as credential, whoever issued it."""
    api_key: str | None = None
    """The API key presented as credential, if it is one of this provider's."""
    credential: str = "none"
    live: bool = False
    fault: Fault | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request that hangs or stalls may go on."""
    wire_model: str | None = None
    issued: TokenPair | None = None
    """The tokens that this request was granted, even where its answer is lost."""

    @property
    def content_type(self) -> str:
        """Media type without parameters, in lower case."""
        return self.request.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self, name: str) -> str:
        """A body field as text; empty if it is absent or no string."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


class Dialect(ABC):
    """How one vendor words an error."""

    @abstractmethod
    def refusal(self, kind: str, fault: Fault) -> ErrorAnswer:
        """The answer for `fault.reason` at an endpoint of this kind."""

    @abstractmethod
    def not_found(self, call: Call) -> ErrorAnswer:
        """The answer for a path or method that does not exist."""


Handler = Callable[[Call], Awaitable[Response]]


class Origin:
    """Builds the routes of one provider."""

    def __init__(self, *, provider: str, world: World, dialect: Dialect) -> None:
        self._provider = provider
        self._world = world
        self._dialect = dialect

    def route(self, path: str, kind: str, handler: Handler, *, methods: tuple[str, ...] = ("GET",)) -> Route:
        """An endpoint. Kind "token" becomes "refresh" or "poll" where the request's grant type says so."""

        async def endpoint(request: Request) -> Response:
            call = await self._read(request, kind)
            if call.kind in FAULT_KINDS:
                call.fault = self._world.faults.take(self._provider, call.kind)
            if call.fault is not None and call.fault.action in {"hang", "stall"}:
                call.released = self._world.faults.hold()  # before the log shows it: whoever waits for that may release
            entry = self._world.log.arrived(lambda number: self._entry(number, call))
            response = await self._faulty(call, handler, entry)
            self._world.log.update(_completed(_effective(entry, call), call, response))
            return response

        return Route(path, endpoint, methods=list(methods))

    def fallback(self) -> Route:
        """What answers every other path, and logs it."""

        async def handler(call: Call) -> Response:
            return self._dialect.not_found(call)

        every_method = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        return self.route("/{path:path}", "other", handler, methods=every_method)

    async def _read(self, request: Request, kind: str) -> Call:
        body = await request.body()
        query = request.query_params.multi_items()
        form = request.headers.get("content-type", "").startswith(FORM)
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if form else []
        fields: dict[str, object] = {**dict(pairs)} if form else _json_object(body)
        if kind == "token":
            kind = _BY_GRANT.get(str(fields.get("grant_type")), kind)
        repeated = frozenset(_repeated(query)) | frozenset(_repeated(pairs))
        call = Call(self._provider, kind, request, body, dict(query), fields, repeated)
        self._recognise(call)
        return call

    def _recognise(self, call: Call) -> None:
        presented = _presented(call)
        if presented is None:
            return
        token = self._world.tokens.find(presented)
        if token is not None:
            wanted = {"refresh": {"refresh"}, "revoke": {"access", "refresh"}}.get(call.kind, {"access"})
            call.token = token
            call.credential = token.grant.label
            call.live = (
                token.grant.provider == self._provider
                and token.kind in wanted
                and token.live(self._world.settings.clock())
            )
        elif presented in self._world.settings.api_keys.get(self._provider, ()):
            call.api_key, call.live = presented, True
            call.credential = f"api_key:…{presented[-4:]}"
        else:
            call.credential = "unknown"

    def _entry(self, number: int, call: Call) -> LoggedRequest:
        grant_type = call.fields.get("grant_type")
        return LoggedRequest(
            number=number,
            at=self._world.settings.clock(),
            provider=self._provider,
            kind=call.kind,
            method=call.request.method,
            path=call.request.url.path,
            account=call.token.grant.account if call.token else None,
            credential=call.credential,
            own_live_token=call.live,
            foreign_token=any(map(self._is_foreign, _token_like(call))),
            grant_type=grant_type if isinstance(grant_type, str) else None,
        )

    def _is_foreign(self, text: str) -> bool:
        token = self._world.tokens.find(text)
        if token is not None:
            return token.grant.provider != self._provider
        return any(text in keys for owner, keys in self._world.settings.api_keys.items() if owner != self._provider)

    async def _faulty(self, call: Call, handler: Handler, entry: LoggedRequest) -> Response:
        fault = call.fault
        if fault is None:
            return await _handled(call, handler)
        if fault.action == "drop":
            return Abandoned(self._world.abort)
        early = await _handled(call, handler) if fault.processed else None
        if early is not None:
            self._world.log.update(_effective(entry, call))
        if fault.action == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.action == "hang" and not await self._held_back(call):
            return Abandoned(self._world.abort)
        good = early if early is not None or _replaces(fault) else await _handled(call, handler)
        return self._spoiled(call, fault, good)

    def _spoiled(self, call: Call, fault: Fault, good: Response | None) -> Response:
        match fault.action:
            case "refuse":
                refused = self._dialect.refusal(call.kind, fault)
                if call.kind == "authorize":  # a person looks at it
                    return error_page(refused.code, "The provider cannot go on now.", status=refused.status_code)
                return refused
            case "answer":
                answer = Response(fault.body, status_code=fault.status)
                for name, value in fault.headers:
                    answer.headers.append(name, value)
                return answer
            case "lost_answer":
                return Abandoned(self._world.abort)
            case "truncated_json":
                whole = bytes(getattr(good, "body", b"")) or b'{"error": {"message": "a stream"}}'
                return Response(whole[: len(whole) // 2], media_type=JSON)
            case _:
                pass
        assert good is not None  # noqa: S101 - every other action alters or keeps the good answer
        if fault.action == "list":
            good = Response(changed(fault.shape, bytes(getattr(good, "body", b""))), media_type=JSON)
        if fault.action == "duplicated_headers":
            good.headers.append("content-type", "text/plain; charset=latin-1")
            good.headers.append("x-request-id", "fake-request-a")
            good.headers.append("x-request-id", "fake-request-b")
        return good

    async def _held_back(self, call: Call) -> bool:
        """Whether the request was released, rather than given up by its client."""
        released = asyncio.ensure_future(call.released.wait())
        gone = asyncio.ensure_future(disconnected(call.request.receive))
        try:
            await asyncio.wait({released, gone}, return_when=asyncio.FIRST_COMPLETED)
            return released.done()
        finally:
            self._world.faults.forget(call.released)
            released.cancel()
            gone.cancel()


def _effective(entry: LoggedRequest, call: Call) -> LoggedRequest:
    """*entry* with what its request has brought about so far."""
    issued = call.issued
    rotated = call.kind == "refresh" and issued is not None and issued.refresh is not None
    return replace(entry, issued_ns=issued.at_ns if issued else None, rotated=rotated)


def _completed(entry: LoggedRequest, call: Call, response: Response) -> LoggedRequest:
    """*entry* with the answer that its request gets."""
    if isinstance(response, Abandoned):
        return replace(entry, wire_model=call.wire_model, outcome="dropped" if entry.issued_ns is None else "lost")
    return replace(
        entry,
        status=response.status_code,
        wire_model=call.wire_model,
        error=response.code if isinstance(response, ErrorAnswer | ErrorPage) else None,
        outcome="answered" if response.status_code < BAD_REQUEST else "refused",
    )


def _replaces(fault: Fault) -> bool:
    return fault.action in {"refuse", "answer", "truncated_json", "lost_answer"}


async def _handled(call: Call, handler: Handler) -> Response:
    try:
        return await handler(call)
    except Refused as refused:
        return refused.answer


def _presented(call: Call) -> str | None:
    """The credential of a request: of a token endpoint the token in its body, else the header's."""
    if call.kind in {"refresh", "revoke"}:
        return call.text("refresh_token") or call.text("token") or None
    scheme, _, bearer = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer.strip()
    headers = call.request.headers
    return headers.get("x-api-key") or headers.get("x-goog-api-key") or call.query.get("key")


def _token_like(call: Call) -> Iterator[str]:
    texts = [value for name, value in call.request.headers.items() if name != "cookie"]
    texts += [*call.query.values(), *(value for value in call.fields.values() if isinstance(value, str))]
    if call.content_type != FORM:
        texts.append(call.body.decode("utf-8", "replace"))
    for text in texts:
        yield from _TOKEN_LIKE.findall(text)


def _repeated(pairs: list[tuple[str, str]]) -> set[str]:
    names = [name for name, _ in pairs]
    return {name for name in names if names.count(name) > 1}


def _json_object(body: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
