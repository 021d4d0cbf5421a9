"""What an empty conversation says: always the next key."""

from __future__ import annotations

from domain.provider import Provider
from entrypoints.tui.standing import Standing
from entrypoints.wording import PLAN_USE_OFF


def welcome(stand: Standing, *, demo: bool) -> tuple[str, ...]:
    """A few lines for where one stands: nothing signed in, nothing selected, or ready."""
    lines = [_ready(stand), "F2 shows every model and who is signed in. F1 shows all keys. /quit leaves."]
    if demo:
        lines += ["", *_DEMO]
    return tuple(lines)


_DEMO = (
    "This is the sandbox: three providers on this machine, no account, no network. Try:",
    "  1  /login, then Enter, then a: approve in the sandbox",
    "  2  write anything: the answer says which account it was asked with",
    "  3  F2, type op41, Enter: sign in to Claude right there",
    "  4  write again: the conversation came along; /model - goes back",
)


def _ready(stand: Standing) -> str:
    if stand.selection is not None:
        preset = stand.selection.preset
        return f"{preset.label} is ready. Write below, Enter sends, Ctrl+J makes a new line."
    able = [provider.label for provider in Provider if stand.signed_in(provider)]
    if able:
        return f"You are logged in to {' and '.join(able)}. F2 picks a model."
    off = next((provider for provider in Provider if stand.plan_use_off(provider)), None)
    if off is not None:
        return f"You are logged in to {off.label}, and {PLAN_USE_OFF}. Type /login {off} and tick that permission."
    return "Nobody is logged in yet. Type /login and press Enter."
