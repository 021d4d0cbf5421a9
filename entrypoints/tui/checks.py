"""`t` on the accounts screen: ask a provider whether it accepts a credential, while everything else goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from application.use_cases.check import Checked, CheckOutcome
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import KeyswitchError
from domain.records import dataclass
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import clock
from entrypoints.tui.window import Window, begin_in
from entrypoints.words.errors import error_sentence, trouble

_KEY_COMMAND = "/login --provider={provider} --api-key"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one credential, under way or done."""

    at: datetime
    """When it began, or ended. Aware, in UTC."""
    checked: Checked | None = None
    """None while it is under way."""

    @property
    def running(self) -> bool:
        """Whether the provider has not answered yet."""
        return self.checked is None

    def is_about(self, record: CredentialRecord) -> bool:
        """Whether it says something about *record*: a newer sign-in of the same account was not asked about."""
        return self.checked is None or self.checked.record.session_id == record.session_id


class Checks:
    """The checks that this window made: they outlive the screen that shows them, one credential has one at a time."""

    def __init__(self, window: Window, *, tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        """*changed* is called when there is something new to show, *tell* with what is about no credential."""
        self._window = window
        self._tell = tell
        self._changed = changed
        self._checks: dict[CredentialKey, Check] = {}

    @property
    def known(self) -> Mapping[CredentialKey, Check]:
        """The latest check of each credential; it changes as they go on."""
        return MappingProxyType(self._checks)

    def begin(self, key: CredentialKey) -> None:
        """Ask about *key*, unless that is under way."""
        known = self._checks.get(key)
        if known is None or not known.running:
            self._put(key, Check(self._window.light.clock.now()))
            begin_in(self._window, partial(self._ask, key, known), group="checks")

    async def _ask(self, key: CredentialKey, before: Check | None) -> None:
        done: Check | None = before
        try:
            services = await self._window.services()
            checked = await services.check.one(key)
            done = Check(self._window.light.clock.now(), checked) if checked else None
        except KeyswitchError as error:
            self._tell(trouble(error))
        finally:
            self._put(key, done)
        self._window.read_again()  # a check renews what is due

    def _put(self, key: CredentialKey, check: Check | None) -> None:
        if check is None:
            self._checks.pop(key, None)
        else:
            self._checks[key] = check
        self._changed()


def check_line(check: Check, glyphs: Glyphs) -> str:
    """What a check told, in a sentence or two. Safe for a terminal."""
    if check.checked is None:
        return f"Test: waiting for the provider's answer{glyphs.ellipsis}"
    checked = check.checked
    head = f"Test at {clock(check.at)}:"
    match checked.outcome:
        case CheckOutcome.ACCEPTED:
            return f"{head} {glyphs.ok} works, the provider accepts it."
        case CheckOutcome.NOT_OFFERED:
            return f"{head} this provider offers no way to ask; a message would tell."
        case CheckOutcome.REFUSED:
            assert checked.error is not None  # noqa: S101 - a refusal is an error
            return f"{head} {glyphs.no} refused. {error_sentence(checked.error)} {_remedy(checked.record)}"
        case CheckOutcome.UNTOLD:
            assert checked.error is not None  # noqa: S101 - so is what could not be told
            return f"{head} {glyphs.warn} could not be told. {error_sentence(checked.error)} t asks again."


def _remedy(record: CredentialRecord) -> str:
    if record.kind is CredentialKind.OAUTH:
        return "l logs in again."
    if record.kind is CredentialKind.BORROWED:
        return "Run ant auth login"
    if record.key.in_environment:
        return f"Set {record.key.account.removeprefix('env:')} to another key."
    if record.key.by_command:
        return "Put another key where its command finds it."
    return f"To store another key, run {_KEY_COMMAND.format(provider=record.provider)}"
