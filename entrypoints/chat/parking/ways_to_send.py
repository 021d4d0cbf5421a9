"""Which message is meant, and the ways on of one that waits for a sign-in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from domain.errors import SessionEnded, UsageError
from domain.outbox.parked import Parked
from domain.switching import SignInRequired
from domain.text.number import whole_number
from domain.text.untrusted import untrusted_line
from entrypoints.chat.chat_face import NoCredential
from entrypoints.chat.parking.outbox_face import Crossroads, Way
from entrypoints.chat.window_state import PICK_ANOTHER, sign_in_line
from entrypoints.words.errors import error_sentence
from entrypoints.words.parked import NOT_SENT, PARKED

USE_KEY: Final = "Use an API key: Ctrl+K"

_Go = Callable[[], None]


def signed_out(needed: SignInRequired, again: str, sign_in: _Go, enter_key: _Go, show_usable: _Go) -> Crossroads:
    """Nobody is signed in who could answer. *again* says how a parked message is sent."""
    provider, held = needed.provider, needed.held
    sentence = f"{untrusted_line(needed.sentence)} Run /login --provider={provider}"
    if held is not None and not needed.plan_use_off:
        sentence = f"{untrusted_line(needed.sentence)} {sign_in_line(held)} {PICK_ANOTHER}"
    ways = (
        Way(f"Log in to {provider.label} now", sign_in),
        Way("Not now", lambda: None),
        Way("Models I can use now", show_usable),
        Way(USE_KEY, enter_key, key="ctrl+k"),
    )
    return Crossroads("Login needed", (sentence, f"{PARKED} After the login, {again}."), ways, escape=1)


def refused(failure: NoCredential, sign_in: _Go, enter_key: _Go, instead: list[Way], edit: _Go) -> Crossroads:
    """The provider took the message for nobody's. *instead* sends it with another model, where there is one."""
    provider, ended = failure.provider, isinstance(failure, SessionEnded)
    ways = [Way("Log in again and send" if ended else f"Log in to {provider.label} and send", sign_in)]
    ways += [*instead, Way("Back to editing", edit), Way(USE_KEY, enter_key, key="ctrl+k")]
    title, run = f"{provider.label} session ended" if ended else "Login needed", f"/login --provider={provider}"
    if failure.code == "key_not_taken":
        ways, title, run = [Way("Enter another key", enter_key), *ways[1:-1]], "Key not accepted", f"{run} --api-key"
        return Crossroads(title, (f"{error_sentence(failure)} Run {run}", NOT_SENT), tuple(ways), escape=len(ways) - 1)
    lines = (f"{error_sentence(failure)} Run {run}", NOT_SENT)
    return Crossroads(title, lines, tuple(ways), escape=len(ways) - 2)


def numbered(listed: Sequence[Parked], number: str) -> Parked:
    """The message that `/outbox` lists with *number*. Raises UsageError where there is none."""
    if not listed:
        raise UsageError("Nothing is parked.")
    place = whole_number(number)
    if place is None or not 1 <= place <= len(listed):
        raise UsageError(f"It is a number from 1 to {len(listed)}, as /outbox lists them.")
    return listed[place - 1]
