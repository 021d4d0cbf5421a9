"""What is said of parked messages, and of the trouble that they wait for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from domain.credential import CredentialKind
from domain.errors import KeyswitchError, LimitReached, Offline, Overloaded
from domain.outbox.parked import Parked, ParkedState
from domain.payment import USING_PLAN, payment_words
from domain.provider_facts.payer import Payer
from domain.selection import Selection
from domain.text.durations import duration_words
from domain.text.untrusted import untrusted_line
from entrypoints.words.attachments import with_files
from entrypoints.words.local_time import local, time_words

AGAIN_WITH_ENTER: Final = "Enter on the empty field sends it"
AGAIN_BY_COMMAND: Final = "/outbox send 1 sends it"

PARKED: Final = "Your message is parked."
NOT_SENT: Final = "Your message was NOT sent; it is parked."

TAKEN_ELSEWHERE: Final = "Another window is sending that message, or has sent it. Nothing was sent from here."

_CAUSES: Final = {
    "auth_required": "login needed",
    "plan_use_off": "plan use is off",
    "session_ended": "session ended",
    "refresh_interrupted": "session ended",
    "auth_rejected": "login not accepted",
    "key_not_taken": "key not accepted",
    "offline": "offline",
    "overloaded": "provider overloaded",
    "limit_reached": "limit reached",
    "renewal_paused": "renewal failed",
}
"""Why a message waits, by the code of its error."""

MAY_HAVE_BEEN_SENT: Final = "may have been sent"


def number_parked(here: int, in_all: int) -> str:
    """`2 parked`, wherever a number is all there is room for; in words where some belong to other conversations."""
    if here == in_all:
        return f"{here} parked"
    return f"{here} parked here, {in_all} in all" if here else f"{in_all} parked elsewhere"


def excerpt(message: Parked) -> str:
    """Text and files on one line; safe to show."""
    return untrusted_line(" ".join(with_files(message.text, message.files).split()))


def cause_words(message: Parked, now: datetime) -> str:
    """Why it waits, and until when."""
    match message.state:
        case ParkedState.SENDING:
            return "being sent by another window"
        case ParkedState.DOUBTFUL:
            return MAY_HAVE_BEEN_SENT
        case ParkedState.WAITING:
            why = _CAUSES.get(message.cause, "not sent")
            return f"{why} until {time_words(message.until)}" if message.until and message.until > now else why


def meant_for(message: Parked) -> str:
    """The model and whose expense: `GPT-5.1 Medium, plan (ana@example.test)`."""
    held = message.held
    if held is None:
        return "no model yet"
    away = f", {held.credential.kind.label}" if held.credential.kind is CredentialKind.FORWARDED else ""
    return f"{held.preset.label}, {held.payer.label} ({untrusted_line(held.label)}{away})"


def details(message: Parked, now: datetime, dot: str) -> str:
    """When it was parked, why, and what for."""
    return dot.join((f"{local(message.at):%a %H:%M}", cause_words(message, now), meant_for(message)))


def elsewhere_words(message: Parked) -> str:
    """Where a message belongs that is not of the open conversation, and what Enter does about it."""
    return "in another conversation: Enter opens it" if message.begun else "in no conversation yet: Enter begins one"


def unreadable_words(paths: tuple[str, ...]) -> str:
    """What could not be read; safe to show."""
    noun = "1 parked message" if len(paths) == 1 else f"{len(paths)} parked messages"
    return f"{noun} cannot be read, and stays as it is: {untrusted_line(', '.join(paths))}"


def offer_words(selection: Selection) -> tuple[str, str, str]:
    """Another model and who would pay, from the fullest form to the shortest: `Claude Opus 5.5 (Console, per token:
    asks)`. Whoever takes it is asked first.
    """
    label, payer = selection.preset.label, selection.credential.payer
    who = USING_PLAN if payer is Payer.PLAN else payer.label
    return f"{label} ({who}: asks)", f"{label} ({who.partition(',')[0]}: asks)", f"{label} (asks)"


def other_payer(message: Parked, selection: Selection, on: date) -> tuple[str, ...]:
    """What is asked before a message goes out at another expense than it was parked for. *on*: the price's day."""
    return (
        f"This message was parked for {meant_for(message)}. {selection.preset.label} would answer it now.",
        payment_words(selection, on),
        "Nothing has been sent yet.",
    )


def sent_twice(message: Parked) -> tuple[str, ...]:
    """What is asked before a message goes out that may have gone out before."""
    return (
        "This message may have been sent: keyswitch ended while it was under way.",
        f'"{excerpt(message)}"',
        "Look in the conversation whether it was answered. Sending it again may cost a second time.",
    )


def trouble_lines(
    error: KeyswitchError, payer: Payer, *, since: datetime, until: datetime | None, now: datetime, nobody: bool = False
) -> tuple[str, str]:
    """What is wrong, in full and for a narrow window; without a full stop. *nobody*: no provider can be reached."""
    match error:
        case LimitReached(provider=provider):
            plan = " plan" if payer is Payer.PLAN else ""
            resets = _resets(until, now)
            return f"{provider.label}{plan} limit reached{resets}", f"{provider.label} limit{resets}"
        case Offline(laptop=True):
            since_when = f"since {local(since):%H:%M}"
            return f"Laptop not reachable {since_when}", f"No laptop {since_when}"
        case Offline(provider=provider):
            who = "no provider can" if nobody else f"{provider.label} cannot"
            since_when = f"since {local(since):%H:%M}"
            return f"Offline: {who} be reached {since_when}", f"Offline {since_when}"
        case Overloaded(provider=provider):
            asks = _asks(until, now)
            return f"{provider.label} is overloaded{asks}", f"{provider.label} overloaded{asks}"
        case _:
            sentence = untrusted_line(str(error)).rstrip(".")
            return sentence, sentence


def over_words(error: KeyswitchError) -> str:
    """That it is over; without a full stop."""
    match error:
        case LimitReached(provider=provider):
            return f"The {provider.label} limit has ended"
        case Offline(laptop=True):
            return "The laptop can be reached again"
        case Offline(provider=provider):
            return f"{provider.label} can be reached again"
        case _:
            return "It may work again"


def _resets(until: datetime | None, now: datetime) -> str:
    if until is None:
        return ", no reset named"
    return f", resets {_at(until, now)} ({_left(until, now)})"


def _asks(until: datetime | None, now: datetime) -> str:
    return f", asks to wait {_left(until, now)}" if until and until > now else ""


def _at(until: datetime, now: datetime) -> str:
    here = local(until)
    return f"{here:%H:%M}" if (until - now).days < 1 else f"{here:%a} {here.day} {here:%b} {here:%H:%M}"


def _left(until: datetime, now: datetime) -> str:
    return duration_words((until - now).total_seconds())
