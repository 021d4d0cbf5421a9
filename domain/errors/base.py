"""The class that every expected error derives from."""

from __future__ import annotations


class KeyswitchError(Exception):
    """Anything that keyswitch expects can happen. Its text is one sentence."""

    code: str = "error"
    """What scripts match on; stable. A class with several codes takes one of them as *code*."""
    answer_so_far: str = ""
    """The text that came before the error. A program that asks for JSON gets it with the error."""
    on_laptop: str = ""
    """The command that helps, where it has to be run on the laptop that lends a sign-in; "" elsewhere. Foreign text."""

    def __init__(self, sentence: str, *, code: str = "") -> None:
        super().__init__(sentence)
        if code:
            self.code = code
