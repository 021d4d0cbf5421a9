"""A tour of everything on the sandbox, step by step, each checked against what the providers say they saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from time import monotonic
from typing import Any, Final, Protocol
from uuid import uuid4

from application.ports.sign_in_dialog import Newcomer, SignInLink
from application.use_cases.send_message import Answered
from domain.conversation import Conversation, Turn
from domain.conversations.thread import Thread
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError, SignInNeeded, SignInUnderWay
from domain.model import Answering, Lifecycle, Model, Preset
from domain.provider import Provider
from domain.records import dataclass, field, replace
from domain.selection import Selection
from domain.switching import SwitchTo
from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from entrypoints.services import Services
from entrypoints.words.accounts import expiry_words

SIGN_IN_SECONDS: Final = 30.0
"""How long the scripted browser may take."""

_ROUND: Final = (Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI, Provider.CHATGPT)
_QUESTIONS: Final = ("Name a prime number.", "Add one to it.", "Is that even?", "Which number did we begin with?")
_NOT_FOUND: Final = 404
_UNAUTHORIZED: Final = 401
_BAD_REQUEST: Final = 400
_ANSWERED: Final = 200
_WRONG_KEYS: Final = {
    Provider.CHATGPT: "sk-fake-wrong-key-0000",
    Provider.CLAUDE: "sk-ant-api03-fake-wrong-key-0000",
}


class Seen(Protocol):
    """One request as a provider logged it."""

    @property
    def number(self) -> int: ...
    @property
    def provider(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def credential(self) -> str: ...
    @property
    def own_live_token(self) -> bool: ...
    @property
    def foreign_token(self) -> bool: ...
    @property
    def wire_model(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the tour takes place."""

    services: Services
    approve: Callable[[str], str]
    """What a browser would do with an authorize address. Blocking."""
    requests: Callable[[], Sequence[Seen]]
    """What the providers were asked so far."""
    end_sessions: Callable[[], None]
    """Let every provider end all its sessions, as on its website."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done, and what came of it."""

    kind: str
    """sign_in, message, handoff, retired_model, ended_token, wrong_key or sign_out."""
    what: str
    seconds: float
    details: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    """What is not as it should be; empty where all is well."""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all was as it should be."""
        return not self.differs


class Tour:
    """Every step in order. A step that differs does not stop the ones after it."""

    def __init__(self, *, stage: Stage) -> None:
        self._stage = stage
        self._services = stage.services
        self._auth = stage.services.light.auth

    async def steps(self) -> AsyncIterator[Step]:
        """All of them, each when it is done."""
        async for step in self.sign_ins():
            yield step
        for preset in self._featured():
            yield await timed("message", preset.label, self._message(preset))
        thread = self._new_thread()
        for provider, question in zip(_ROUND, _QUESTIONS, strict=True):
            yield await timed("handoff", f"Go on with {provider.label}", self._handoff(thread, provider, question))
        for provider in Provider:
            yield await timed("retired_model", f"A retired model of {provider.label}", self._retired(provider))
        await asyncio.to_thread(self._stage.end_sessions)
        for provider in Provider:
            yield await timed("ended_token", f"An ended token of {provider.label}", self._ended(provider))
        for provider in Provider:
            yield await timed("sign_out", f"Sign out of {provider.label}", self._sign_out(provider))
        for provider in (Provider.CHATGPT, Provider.CLAUDE):
            yield await timed("wrong_key", f"A wrong key for {provider.label}", self._wrong_key(provider))
        yield self._everything()

    async def sign_ins(self) -> AsyncIterator[Step]:
        """The first three steps alone."""
        for provider in Provider:
            yield await timed("sign_in", f"Sign in to {provider.label}", self._sign_in(provider))

    async def _sign_in(self, provider: Provider) -> Step:
        before = self._last()
        browser = ScriptedPerson(self._stage.approve)
        try:
            done = await self._services.sign_in.by_browser(
                provider, browser, open_browser=False, seconds=SIGN_IN_SECONDS
            )
        except KeyswitchError as error:
            return _failed("sign_in", f"Sign in to {provider.label}", error, browser.trouble())
        kinds = [seen.kind for seen in self._since(before) if seen.provider == provider.value]
        missing = [kind for kind in ("authorize", "consent", "token") if kind not in kinds]
        differs = [f"the provider saw no {kind} request" for kind in missing]
        if not self._auth.is_logged_in(provider):
            differs.append("nobody is signed in")
        words = expiry_words(done.record, self._services.light.clock.now())
        return Step(
            kind="sign_in",
            what=untrusted_line(f"Signed in to {provider.label} as {done.record.label} ({words})"),
            seconds=0.0,
            details=(f"the provider saw: {', '.join(kinds)}",),
            differs=tuple(differs),
            facts={"provider": provider.value, "account": done.record.label, "requests": kinds},
        )

    async def _message(self, preset: Preset) -> Step:
        switch = await asyncio.to_thread(self._auth.switch_provider, preset.id)
        if not isinstance(switch, SwitchTo):
            return Step("message", preset.label, 0.0, differs=(f"it cannot be selected: {type(switch).__name__}",))
        question = f"Hello, {preset.label}!"
        return await self._exchange("message", switch, self._new_thread(), question)

    async def _handoff(self, thread: Thread, provider: Provider, question: str) -> Step:
        earlier = len(thread.conversation.turns)
        switch = await asyncio.to_thread(self._auth.switch_provider, provider)
        if not isinstance(switch, SwitchTo):
            return Step("handoff", provider.label, 0.0, differs=(f"no switch: {type(switch).__name__}",))
        step = await self._exchange("handoff", switch, thread, question)
        answer = thread.conversation.turns[-1].text if len(thread.conversation.turns) > earlier else ""
        # The sandbox's models say how many earlier turns reached them.
        carried = not earlier or f"{earlier} earlier turns came along" in answer
        differs = [] if carried else [f"not all {earlier} earlier turns came along"]
        if self._auth.preferred_auth_method() is not switch.selection.mode:
            differs.append("the next request would authenticate otherwise")
        return replace(
            step,
            details=(*step.details, f"{earlier} earlier turns came along" if earlier else "a new conversation"),
            differs=(*step.differs, *differs),
            facts={**step.facts, "earlier_turns": earlier},
        )

    async def _exchange(self, kind: str, switch: SwitchTo, thread: Thread, question: str) -> Step:
        selection, before = switch.selection, self._last()
        answer = await self._ask(thread, question, selection)
        seen = [entry for entry in self._since(before) if entry.kind == "chat"]
        model = selection.answering.model.id
        wrong = _differences(seen, provider=selection.preset.provider, model=model, status=_ANSWERED)
        if not answer.text.strip():
            wrong.append("the answer is empty")
        details = [*switch.lines[1:], f"answer: {_opening(answer.text)}", *(_words(entry) for entry in seen)]
        facts = {
            "preset": selection.preset.id,
            "resolves_to": model,
            "lines": list(switch.lines),
            "answer": answer.text,
            **_facts(seen),
        }
        return Step(kind, switch.lines[0], 0.0, tuple(details), tuple(wrong), facts)

    async def _retired(self, provider: Provider) -> Step:
        """Ask for a model that is gone by its own id, as a client without lifecycles would."""
        model, selection = self._gone(provider), self._selection(provider)
        what = f"Asked {provider.label} for the retired {model.id}"
        direct = replace(selection, answering=Answering(model, None))
        return await self._refused("retired_model", what, direct, status=_NOT_FOUND, live=True)

    async def _ended(self, provider: Provider) -> Step:
        """Ask with a token that its provider does not know any more."""
        what = f"Asked {provider.label} with a token that it has ended"
        selection = self._selection(provider)
        return await self._refused("ended_token", what, selection, status=_UNAUTHORIZED, live=False)

    async def _wrong_key(self, provider: Provider) -> Step:
        """Ask with a key that nobody issued, then forget it."""
        await asyncio.to_thread(self._services.store_api_key, provider, Secret(_WRONG_KEYS[provider]))
        what = f"Asked {provider.label} with a wrong API key"
        try:
            selection = self._selection(provider)
            return await self._refused("wrong_key", what, selection, status=_UNAUTHORIZED, live=False)
        finally:
            await self._services.sign_out(provider, revoke=False)

    async def _refused(self, kind: str, what: str, selection: Selection, *, status: int, live: bool) -> Step:
        before = self._last()
        differs: list[str] = []
        sentence = ""
        try:
            await self._ask(self._new_thread(), "Are you there?", selection)
            differs.append("it was answered")
        except KeyswitchError as error:
            sentence = untrusted_line(str(error))
        seen = [entry for entry in self._since(before) if entry.kind == "chat"]
        model = selection.answering.model.id
        differs += _differences(seen[:1], provider=selection.preset.provider, model=model, status=status, live=live)
        details = (*(_words(entry) for entry in seen), f"keyswitch says: {sentence}")
        return Step(kind, what, 0.0, details, tuple(differs), {"message": sentence, **_facts(seen)})

    async def _sign_out(self, provider: Provider) -> Step:
        gone = await self._services.sign_out(provider)
        answers = [one.revocation.value for one in gone]
        differs = () if gone else ("nobody was signed in",)
        facts = {"provider": provider.value, "revocation": answers}
        return Step("sign_out", f"Signed out of {provider.label} ({', '.join(answers)})", 0.0, (), differs, facts)

    def _everything(self) -> Step:
        """What must hold of all requests together."""
        seen = [entry for entry in self._stage.requests() if entry.kind == "chat"]
        foreign = [entry.number for entry in self._stage.requests() if entry.foreign_token]
        malformed = [entry.number for entry in seen if entry.status == _BAD_REQUEST]
        differs = [f"request {number} carried another provider's token" for number in foreign]
        differs += [f"request {number} was answered 400" for number in malformed]
        what = (
            f"Of {len(self._stage.requests())} requests none carried another provider's token, and none was malformed"
        )
        facts = {"requests": len(self._stage.requests()), "chat_requests": len(seen), "foreign": foreign}
        return Step("everything", what, 0.0, (), tuple(differs), facts)

    async def _ask(self, thread: Thread, question: str, selection: Selection) -> Turn:
        """The whole answer. Raises as `SendMessage` does."""
        async with aclosing(self._services.send(thread, question, selection)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    return event.answer
        raise AssertionError("a stream without an error ends with the answer")

    def _featured(self) -> list[Preset]:
        return [preset for preset in self._auth.snapshot().catalogue.presets.values() if preset.featured]

    def _gone(self, provider: Provider) -> Model:
        snapshot = self._auth.snapshot()
        today = snapshot.given.now.date()
        models = snapshot.catalogue.models.values()
        return next(
            model for model in models if model.provider is provider and model.lifecycle(today) is Lifecycle.GONE
        )

    def _selection(self, provider: Provider) -> Selection:
        preset = self._auth.snapshot().catalogue.default_for(provider)
        switch = self._auth.switch_provider(preset.id, save=False, payer_agreed=True)
        if not isinstance(switch, SwitchTo):
            raise SignInNeeded(provider, preset.line)
        return switch.selection

    def _new_thread(self) -> Thread:
        return Thread(Conversation(id=uuid4().hex, started=self._services.light.clock.now()))

    def _last(self) -> int:
        return max((entry.number for entry in self._stage.requests()), default=0)

    def _since(self, number: int) -> list[Seen]:
        return [entry for entry in self._stage.requests() if entry.number > number]


class ScriptedPerson:
    """Somebody who opens the link in a browser at once, and never pastes."""

    def __init__(self, approve: Callable[[str], str]) -> None:
        self._approve = approve
        self._browsing: asyncio.Task[str] | None = None

    def trouble(self) -> str:
        """What went wrong in the browser, by its type; "" where nothing did."""
        if self._browsing is None or not self._browsing.done() or self._browsing.cancelled():
            return ""
        error = self._browsing.exception()
        return f"in the browser: {type(error).__name__}" if error else ""

    def waits_for(self, other: SignInUnderWay) -> None:
        """Nobody else signs in to a home of the tour's own."""

    def link_ready(self, link: SignInLink) -> None:
        """Go to the link as a browser would."""
        self._browsing = asyncio.create_task(asyncio.to_thread(self._approve, link.short_url or link.url))

    async def pasted(self) -> Secret:
        """Wait for ever: nothing is pasted in the tour."""
        never: asyncio.Future[Secret] = asyncio.get_running_loop().create_future()
        return await never

    def paste_refused(self, reason: str) -> None:
        """Nothing was pasted, so nothing is refused."""

    def callback_refused(self, reason: str) -> None:
        """The tour's browser brings nothing else than the answer."""

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """The tour shows who is signed in as a step of its own."""

    async def whom_to_keep(self, newcomer: Newcomer) -> None:
        """Nobody but the expected account signs in on a tour."""


async def timed(kind: str, what: str, step: Awaitable[Step]) -> Step:
    """*step* with the time it took; one that could not be done differs."""
    started = monotonic()
    try:
        done = await step
    except KeyswitchError as error:
        done = _failed(kind, what, error)
    return replace(done, seconds=monotonic() - started)


def _failed(kind: str, what: str, error: KeyswitchError, *more: str) -> Step:
    reasons = (untrusted_line(str(error)), *(reason for reason in more if reason))
    return Step(kind, what, 0.0, differs=reasons, facts={"error": error.code})


def _differences(seen: Sequence[Seen], *, provider: Provider, model: str, status: int, live: bool = True) -> list[str]:
    """What is wrong with the chat requests of a step: there must be one, as it should be."""
    if len(seen) != 1:
        return [f"the providers saw {len(seen)} chat requests instead of one"]
    entry = seen[0]
    expected = {
        "provider": (entry.provider, provider.value),
        "wire model": (entry.wire_model, model),
        "status": (entry.status, status),
        "live token of its own": (entry.own_live_token, live),
        "token of another provider": (entry.foreign_token, False),
    }
    return [f"{name}: {found}, not {right}" for name, (found, right) in expected.items() if found != right]


def _opening(answer: str) -> str:
    """The first line of an answer."""
    return untrusted_line(next(iter(answer.strip().splitlines()), ""))


def _words(entry: Seen) -> str:
    error = f" {entry.error}" if entry.error else ""
    live = "live" if entry.own_live_token else "not live"
    return f"{entry.provider} saw {entry.wire_model} by {entry.credential} ({live}) and answered {entry.status}{error}"


def _facts(seen: Sequence[Seen]) -> dict[str, Any]:
    return {
        "requests": [
            {
                "number": entry.number,
                "provider": entry.provider,
                "wire_model": entry.wire_model,
                "credential": entry.credential,
                "own_live_token": entry.own_live_token,
                "foreign_token": entry.foreign_token,
                "status": entry.status,
                "error": entry.error,
            }
            for entry in seen
        ]
    }
