"""Links say where they lead before anything is done with them."""

from __future__ import annotations

from typing import Final

from domain.address import whereabouts
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.fitting import cut
from entrypoints.tui.window import Window

_LONGEST_ADDRESS: Final = 400
"""Cells of an address that are shown; its host stands in front."""

_COPIES: Final = "Click it once more to copy that."


class Links:
    """The first click on a link tells its target, the second copies what was told. None is ever opened."""

    def __init__(self) -> None:
        self._told = ""

    def clicked(self, target: str, window: Window) -> None:
        """A link that leads to *target* was clicked."""
        address = untrusted_line(target)
        if address != self._told:
            self._told = address
            said = f"It leads to {cut(address, _LONGEST_ADDRESS)}"
            window.notify(untrusted("\n".join(filter(None, (said, whereabouts(address), _COPIES)))), markup=False)
        else:
            self._told = ""
            window.copy(address, "Address, not opened,")
