"""What the events of the local log are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from domain.event import RELAYED, Event
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.untrusted import untrusted_line

_ANSWERED: Final = "200"


def event_words(event: Event, names: Mapping[str, str]) -> str:
    """*event* in a few words; *names* are the accounts' names by their tags. Facts are foreign text by now."""
    words = _WORDS.get(event.name)
    text = words(event) if words else event.name.replace("_", " ")
    account = names.get(event.account or "")
    who = f" ({account})" if account else ""
    return untrusted_line(f"{text}{who}")


def _provider(event: Event) -> str:
    named = event.provider
    return next((provider.label for provider in Provider if provider == named), named or "?")


def _reason(event: Event) -> str:
    return str(event.facts.get("reason") or "no reason given").replace("_", " ")


def _plan_use(event: Event) -> str:
    return ", plan use is off" if event.facts.get("plan_use") == "off" else ""


def _odd(event: Event) -> str:
    return f", whose answer was odd: {event.facts['odd']}" if event.facts.get("odd") else ""


def _ended(event: Event) -> str:
    """The reason is the code of an error, which may say no more than the event."""
    reason = "" if event.facts.get("reason") == event.name else f": {_reason(event)}"
    return f"{_provider(event)} session ended{reason}"


def _switched(event: Event) -> str:
    return f"switched to {event.facts.get('preset') or '?'}"


def _relayed(event: Event) -> str:
    payer = next((payer.label for payer in Payer if payer == event.facts.get("payer")), "nobody knows who")
    what = event.facts.get("model") or "a request"
    outcome = str(event.facts.get("outcome") or "no answer")
    ending = "" if outcome == _ANSWERED else f": {outcome.replace('_', ' ')}"
    return f"relayed {what} ({_provider(event)}, {payer} pays) for {_host(event)}{ending}"


def _host(event: Event) -> str:
    return str(event.facts.get("host") or "another machine")


def _refused(event: Event) -> str:
    return f"{event.facts.get('preset') or _provider(event)} not selected: {_reason(event)}"


_WORDS: Final[dict[str, Callable[[Event], str]]] = {
    "signed_in": lambda event: f"logged in to {_provider(event)}{_plan_use(event)}",
    "sign_in_failed": lambda event: f"{_provider(event)} login failed: {_reason(event)}",
    "signed_out": lambda event: f"logged out of {_provider(event)}",
    "api_key_stored": lambda event: f"stored a {_provider(event)} API key",
    "api_key_replaced": lambda event: f"replaced a {_provider(event)} API key",
    "taken_over": lambda event: f"took over a {_provider(event)} sign-in of an earlier program",
    "not_taken_over": lambda event: f"not taken over: {event.facts.get('problem') or 'no reason given'}",
    "adopted": lambda event: f"adopted a {_provider(event)} sign-in of another program",
    "store_put_back": lambda _: "put the store back in its place",
    "store_not_put_back": lambda event: f"the store cannot take its place back: {_reason(event)}",
    "record_restored": lambda event: f"restored a {_provider(event)} record, which was {_reason(event)}",
    "home_kept": lambda event: f"renews {_provider(event)} here from now on, where a copy was",
    "closed_to_others": lambda event: f"closed {event.facts.get('file') or 'a file'}, which was open to others",
    "originals_restored": lambda _: "wrote the files of an earlier program back",
    "key_moved": lambda event: f"moved the master key to {event.facts.get('place') or 'another place'}",
    "profile_borrowed": lambda event: f"borrowed a {_provider(event)} profile",
    "profile_returned": lambda event: f"gave a {_provider(event)} profile back",
    "renewed": lambda event: f"renewed {_provider(event)}{_odd(event)}",
    "renewal_failed": lambda event: f"{_provider(event)} renewal put off: {_reason(event)}",
    "renewal_rescued": lambda event: f"renewed {_provider(event)} from a rescued copy",
    "renewal_unsaved": lambda event: f"renewed {_provider(event)}, and the disk did not take it",
    "answer_of_another": lambda event: f"{_provider(event)} answered a renewal with the tokens of somebody else",
    "renewal_discarded": lambda event: f"discarded a {_provider(event)} renewal that came too late",
    "session_ended": _ended,
    "sign_in_ends": lambda event: f"{_provider(event)} login ends soon",
    "switched": _switched,
    "account_chosen": lambda event: f"{_provider(event)} account chosen",
    "selection_refused": _refused,
    "ledger_failed": lambda event: f"an answer is not counted in the ledger: {_reason(event)}",
    "message_answered": lambda event: f"{_provider(event)} answered",
    "grant_opened": lambda event: f"lent {event.facts.get('providers') or 'nothing'} to {_host(event)}",
    "grant_ended": lambda event: f"took back what was lent to {_host(event)}",
    "agent_locked": lambda _: "locked the agent: nothing is relayed",
    "agent_unlocked": lambda _: "unlocked the agent",
    RELAYED: _relayed,
    "message_failed": lambda event: f"{_provider(event)} message failed: {_reason(event)}",
}
