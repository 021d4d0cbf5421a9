"""What is said of money before it is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.provider_facts.payer import Payer

if TYPE_CHECKING:
    from application.spending.switch_cost import ReadAnew
    from domain.errors import UsageError
    from domain.selection import Selection

HELD_BACK: Final = "Over your limit"
SEND_ONCE: Final = "Send it all the same, once: s"
BACK_TO_EDITING: Final = "Back to editing"
KEPT: Final = "Your text is kept."

_WHERE: Final = {Payer.CONSOLE: "Claude Console", Payer.CLOUD_PROJECT: "your Google Cloud project"}


def held_back_by_ask(error: UsageError) -> str:
    """How the command line sends it all the same."""
    shorter = f", --max-output {error.longest} has a shorter answer" if error.longest else ""
    return f"ask --over-limit sends it all the same{shorter}."


def send_shorter(longest: int) -> str:
    """The way on that a shorter answer is."""
    return f"Send, answer of {longest:,} tokens at most"


def read_anew_words(cost: ReadAnew, count: str, selection: Selection) -> str:
    """`41k tokens are read anew: about $0.08 at Claude Console, then $0.004 a turn; /model - goes back`.

    *count* is how many tokens, as they are read.
    """
    from domain.spending.limits import about

    payer = selection.credential.payer
    where = _WHERE.get(payer, f"the {selection.preset.provider.vendor} API")
    what = f"{count} tokens are read anew"
    if cost.first is None:
        return f"{what} at {where}, price unknown; /model - goes back."
    then = f", then {about(cost.each)} a turn" if cost.each is not None else ""
    return f"{what}: about {about(cost.first)} at {where}{then}; /model - goes back."
