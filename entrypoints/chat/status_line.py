"""The two lines that are always there: the header above the conversation, the status line below it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from domain.conversation import Turn
from domain.provider import Provider
from domain.selection import Selection
from domain.session import SessionState, state_of
from domain.store_trouble import STORE_STATES
from domain.switching import is_away
from domain.text.untrusted import untrusted_line
from entrypoints.chat.fitting import NARROW, cut, ends
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import tokens
from entrypoints.chat.window_state import WindowState
from entrypoints.words.accounts import state_words
from entrypoints.words.local_time import time_words
from entrypoints.words.payer import payer_words


def header(stand: WindowState | None, title: str, glyphs: Glyphs, width: int) -> str:
    """Title at the left, the three providers with sign and word at the right."""
    named = f"keyswitch {glyphs.divider} {untrusted_line(title)}" if title else "keyswitch"
    if stand is None:
        return cut(named, width, glyphs.ellipsis)
    short = width < NARROW
    providers = [_provider_sign(stand, provider, glyphs, short=short) for provider in Provider]
    return ends(named, ("  " if short else "   ").join(providers), width, glyphs.ellipsis)


def status_line(
    stand: WindowState | None,
    turns: Sequence[Turn],
    glyphs: Glyphs,
    width: int,
    *,
    trouble: bool = False,
    parked: str = "",
) -> str:
    """Who answers, who pays, what was used; the keys at the right. What matters least goes first where it is narrow.

    *trouble* says that sign-ins cannot be renewed at all, for a reason that the accounts screen has; *parked* says
    how many messages wait in the outbox.
    """
    if stand is None:
        return cut(f"{glyphs.active} reading sign-ins{glyphs.ellipsis}", width, "")
    keys = "F2 model  F3 status  F1 help" if width >= NARROW else "F2 model  F1 help"
    usage, who = _usage(stand, turns, glyphs), _who(stand, glyphs, trouble=trouble)
    waiting = [parked] if parked else []
    forms = [(parts, numbers) for numbers in (usage, usage[:1], []) for parts in who[:2]]
    forms += [(parts, numbers) for parts in who[2:] for numbers in (usage[:1], [])]
    for parts, numbers in forms:
        left = "  ".join([glyphs.dot.join(parts), *waiting, *numbers])
        if cell_len(left) + cell_len(keys) + 2 <= width:
            return ends(left, keys, width)
    return cut(who[-1][0], width, glyphs.ellipsis)


def _provider_sign(stand: WindowState, provider: Provider, glyphs: Glyphs, *, short: bool) -> str:
    name = provider.label[:3].upper() if short else provider.label
    if stand.signed_in(provider):
        if stand.selection is not None and stand.selection.preset.provider is provider:
            return f"{name} {glyphs.active}" if short else f"{name} {glyphs.active} active"
        return f"{name} {glyphs.ok}"
    return f"{name} {glyphs.warn}" if short else f"{name} {glyphs.warn} {_obstacle(stand, provider)}"


def _obstacle(stand: WindowState, provider: Provider) -> str:
    """Why no message can be sent there, in the fewest words."""
    state = stand.provider_state(provider)
    if state is SessionState.NEEDS_SIGN_IN:
        return "ended"
    if state in STORE_STATES:
        return "store"
    return "plan off" if stand.plan_use_off(provider) else "login"


def _who(stand: WindowState, glyphs: Glyphs, *, trouble: bool) -> Sequence[list[str]]:
    """The left part of the status line, from the fullest form to the shortest."""
    selection = stand.selection
    if selection is None:
        if stand.preset is None:
            return [["No model selected yet"], ["No model"]]
        name = f"{glyphs.warn} {stand.preset.label}"
        provider = stand.preset.provider
        state, off = stand.provider_state(provider), stand.plan_use_off(provider)
        obstacle = state_words(state) if state in STORE_STATES else "plan use is off" if off else "login required"
        return [[name, f"{provider.label} {obstacle}"], [name]]
    name = f"{glyphs.active} {selection.preset.label}"
    account = untrusted_line(selection.credential.label)
    pays = payer_words(selection.credential.payer)
    short = pays.partition(",")[0]
    here = ["this conversation"] if stand.only_here else []
    here += [selection.credential.kind.label] if is_away(selection.credential) else []
    renewal = _renewal(stand, selection, trouble=trouble)
    if renewal:
        # Nothing else there needs a person, so all else goes first.
        brief = renewal.partition(",")[0]
        return [[name, renewal, account, pays], [name, renewal, short], [name, renewal], [name, brief], [name]]
    return [[name, *here, account, pays], [name, *here, account, short], [name, *here, short], [name, short], [name]]


def _renewal(stand: WindowState, selection: Selection, *, trouble: bool) -> str:
    """What is wrong with renewing what is in use; "" where nothing is."""
    record = selection.credential
    state = state_of(record, stand.snapshot.given.now)
    if state is SessionState.DEGRADED and record.setback is not None:
        return f"renewal failed, next try {time_words(record.setback.next_try)}"
    if state is SessionState.UNCERTAIN:
        return "renewal in doubt"
    return "sign-ins not renewed" if trouble else ""


def _usage(stand: WindowState, turns: Sequence[Turn], glyphs: Glyphs) -> list[str]:
    done = [turn.receipt for turn in turns if turn.receipt is not None]
    if not done:
        return []
    used = sum(receipt.usage.input for receipt in done), sum(receipt.usage.output for receipt in done)
    total = f"{glyphs.sent}{tokens(used[0])} {glyphs.received}{tokens(used[1])}"
    room = stand.selection.answering.model.context if stand.selection else None
    if not room:
        return [total]
    last = done[-1].usage
    percent = round(100 * (last.input + last.output) / room)
    return [f"ctx {percent or '<1'}%", total]
