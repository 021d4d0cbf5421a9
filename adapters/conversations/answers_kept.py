"""The receipts of all answers that are kept, for a bill: whatever became of their conversations since."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from adapters.conversations.rows import moment, receipt_from
from domain.conversation import TurnState, Usage
from domain.usage.entry import Entry

_ANSWERS: Final = """
SELECT conversation.id, turn.at, turn.state, turn.receipt
FROM turn JOIN conversation ON conversation.key = turn.conversation
WHERE turn.receipt IS NOT NULL
GROUP BY turn.at, turn.receipt      -- what was cut off and came back may be there twice
ORDER BY turn.key
"""


def answers(database: sqlite3.Connection) -> Iterator[Entry]:
    """An entry each; a receipt that cannot be read is left out."""
    for conversation, at, state, receipt in database.execute(_ANSWERS):
        with suppress(ValueError, TypeError, LookupError):
            entry = Entry(moment(at), receipt_from(receipt), conversation, ending=TurnState(state))
            if entry.ending is not TurnState.FAILED and (
                entry.ending is not TurnState.BROKEN or entry.receipt.usage != Usage()
            ):
                yield entry
