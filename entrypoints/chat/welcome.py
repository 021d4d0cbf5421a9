"""What an empty conversation says: always the next key."""

from __future__ import annotations

from domain.provider import Provider
from entrypoints.chat.window_state import WindowState
from entrypoints.words.accounts import PLAN_USE_OFF


def welcome(stand: WindowState, *, demo: bool) -> tuple[str, ...]:
    """A few lines for where one stands: nothing signed in, nothing selected, or ready."""
    how, pick = "Write below, Enter sends, Ctrl+J makes a new line.", "F2 picks a model."
    lines = [
        _ready(stand, how=how, pick=pick),
        "F2 shows every model and who is signed in. F1 shows all keys. /quit leaves.",
    ]
    if demo:
        lines += ["", "This is the sandbox: three providers on this machine, no account, no network. Try:"]
        lines += [f"  {number}  {step}" for number, step in enumerate(_steps(stand), 1)]
    return tuple(lines)


def _steps(stand: WindowState) -> list[str]:
    """What to try in the sandbox, each on one line of a small window."""
    claude = "switch to Claude" if stand.signed_in(Provider.CLAUDE) else "sign in to Claude there"
    first = [] if stand.selection else ["/login, Enter twice, a: approve in the sandbox"]
    return [
        *first,
        "write anything: the answer says who was asked",
        f"F2, type op41, Enter: {claude}",
        "write again: the conversation came along",
        "/model - goes back",
    ]


def welcome_by_lines(stand: WindowState) -> str:
    """The same where there is no screen, and no key but Enter."""
    return _ready(stand, how="Type a message and press Enter.", pick="/model lists the models.")


def _ready(stand: WindowState, *, how: str, pick: str) -> str:
    if stand.selection is not None:
        preset = stand.selection.preset
        return f"{preset.label} is ready. {how}"
    able = [provider.label for provider in Provider if stand.signed_in(provider)]
    if able:
        return f"You are logged in to {' and '.join(able)}. {pick}"
    off = next((provider for provider in Provider if stand.plan_use_off(provider)), None)
    if off is not None:
        return f"You are logged in to {off.label}, and {PLAN_USE_OFF}. Type /login {off} and tick that permission."
    return "Nobody is logged in yet. Type /login and press Enter."
