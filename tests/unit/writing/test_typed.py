"""Only a name that was typed makes a line a command, whatever happens to the line meanwhile."""

from __future__ import annotations

from entrypoints.tui.writing.typed import TypedPart


class Line:
    """One line, and what of it counts as typed."""

    def __init__(self) -> None:
        self.text = ""
        self.typed = TypedPart()

    def put(self, text: str, column: int, *, removed: int = 0, typed: bool) -> Line:
        self.text = self.text[:column] + text + self.text[column + removed :]
        self.typed.edited(column, removed, len(text), typed=typed)
        return self

    def type(self, text: str) -> Line:
        for letter in text:
            self.put(letter, len(self.text), typed=True)
        return self

    @property
    def runs(self) -> bool:
        return self.typed.names_command(self.text)


def test_a_line_is_a_command_as_long_as_its_name_was_typed() -> None:
    lines = {
        "typed": (Line().type("/logout"), True),
        "typed with a slip mended": (Line().type("/lgout").put("o", 2, typed=True), True),
        "typed, its argument pasted": (Line().type("/model ").put("opus", 7, typed=False), True),
        "pasted": (Line().put("/logout", 0, typed=False), False),
        "a slash before a paste": (Line().type("/").put("logout", 1, typed=False), False),
        "a paste before what was typed": (Line().type("out").put("/log", 0, typed=False), False),
        "a paste in the middle": (Line().type("/out").put("log", 1, typed=False), False),
        "the middle pasted over": (Line().type("/logxut").put("o", 4, removed=1, typed=False), False),
        "a paste that was taken away, and typed": (
            Line().put("/logout", 0, typed=False).put("", 0, removed=7, typed=False).type("/logout"),
            True,
        ),
        "the end of a paste typed": (
            Line().put("/logout", 0, typed=False).put("", 6, removed=1, typed=False).type("t"),
            False,
        ),
        "nothing": (Line(), False),
    }
    assert {name: line.runs for name, (line, _) in lines.items()} == {name: runs for name, (_, runs) in lines.items()}


def test_what_undo_brings_back_was_not_typed_now_and_what_it_leaves_was() -> None:
    line = Line().type("/lo")
    line.typed.became("/lo", "/logout")
    assert not line.typed.names_command("/logout")
    line = Line().type("/logout")
    line.typed.became("/logout", "/log")
    assert line.typed.names_command("/log")
