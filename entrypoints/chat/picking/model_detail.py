"""What is said about one model before it is picked: who answers, what carries over, who pays."""

from __future__ import annotations

from domain.catalogue import payer_of
from domain.conversation import Conversation
from domain.model import Answering, Preset
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.store_trouble import STORE_STATES
from domain.switching import best_credential, is_away
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import tokens
from entrypoints.chat.window_state import WindowState
from entrypoints.words.model_lists import list_remarks

_LETTERS_A_TOKEN = 4
"""Of English text, by the vendors' own rule of thumb; only where nothing was counted yet."""


def detail(stand: WindowState, preset: Preset, conversation: Conversation | None, glyphs: Glyphs) -> tuple[str, ...]:
    """A line each: who answers, what the conversation brings along or what to run first, and who pays."""
    snapshot = stand.snapshot
    credential = best_credential(preset.provider, stand.given)
    payer = payer_of(preset, credential.payer if credential else None)
    answering = snapshot.catalogue.answering(preset, payer, snapshot.given.now.date())
    if stand.signed_in(preset.provider):
        second = handoff(conversation, preset, answering, glyphs)
    else:
        second = _first(stand, preset.provider)
    remarks = list_remarks(known, snapshot.given.now) if (known := snapshot.catalogue.model_of(preset)) else ()
    pays = " ".join([_pays(stand, preset, payer), *remarks])
    return tuple(filter(None, (_who(stand, preset, answering, payer, glyphs), second, pays)))


def _first(stand: WindowState, provider: Provider) -> str:
    """What to run before a model of *provider* can be selected."""
    if stand.provider_state(provider) in STORE_STATES:
        return "Run /doctor first."
    by_key = " --api-key" if stand.way_in(provider, "") else ""
    return f"Run /login --provider={provider}{by_key} first. Enter logs in right here."


def handoff(conversation: Conversation | None, preset: Preset, answering: Answering, glyphs: Glyphs) -> str:
    """What of *conversation* carries over to *preset*; "" where nothing was said yet."""
    turns = conversation.turns if conversation else ()
    if not turns:
        return ""
    receipts = [turn.receipt for turn in turns if turn.receipt is not None]
    if receipts:
        used = receipts[-1].usage.input + receipts[-1].usage.output
    else:
        used = sum(len(turn.text) for turn in turns) // _LETTERS_A_TOKEN
    room = answering.model.context
    fits = f"{tokens(used)} tokens" if room is None else f"{tokens(used)} of {tokens(room)} tokens fit"
    if room is not None and used > room:
        fits = f"{tokens(used)} tokens do not fit into {tokens(room)}"
    foreign = {one.provider for one in receipts} - {preset.provider}
    dropped = ["reasoning notes stay here"] if foreign and any(turn.reasoning for turn in turns) else []
    count = f"{len(turns)} message{'' if len(turns) == 1 else 's'}"
    return f"Handoff: {glyphs.dot.join([f'{count}, {fits}', *dropped])}"


def _who(stand: WindowState, preset: Preset, answering: Answering, payer: Payer, glyphs: Glyphs) -> str:
    today, tagline = stand.snapshot.given.now.date(), f" ({preset.tagline})" if preset.tagline else ""
    if answering.notice is None:
        price = stand.snapshot.catalogue.price(preset, today)
        return untrusted_line(glyphs.dot.join([f"{preset.label}{tagline}", *([str(price)] if price else [])]))
    price = answering.model.price(today) if payer is Payer.PLAN else None
    return untrusted_line(f"{answering.notice} (list {price})" if price else answering.notice)


def _pays(stand: WindowState, preset: Preset, payer: Payer) -> str:
    credential = best_credential(preset.provider, stand.given)
    would = "Pays" if credential else "Would pay"
    away = f", {credential.kind.label}" if credential and is_away(credential) else ""
    known = stand.snapshot.catalogue.answering(preset, payer, stand.snapshot.given.now.date()).model
    unknown = " On this plan: not known." if credential and payer is Payer.PLAN and known.on_plan is None else ""
    variable = stand.snapshot.env_keys_present.get(preset.provider)
    unused = variable and not (credential and credential.key.in_environment)
    return f"{would}: {payer.label}{away}.{unknown}" + (f" {variable} is set; it will NOT be used." if unused else "")
