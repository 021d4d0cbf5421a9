"""What goes to a terminal leaves by few doors, and each of them filters what others wrote."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import modules, name_of

WRITERS = {
    "entrypoints/cli/output.py": "`result` is given our words or filtered text, `say` filters by itself",
    "entrypoints/tui/login_dialog.py": "an address that we built, in visible ASCII",
    "entrypoints/tui/line_terminal.py": "`say_lines` filters by itself, and an answer comes out of the filter's stream",
    "entrypoints/tui/screen_writer.py": "what Textual draws, by widgets that are given filtered text",
    "entrypoints/tui/terminal_driver.py": "a byte into a pipe of its own",
}
"""Modules that write to a standard stream, and why nothing foreign gets through."""

STREAMS = ("stdout.write", "stderr.write", "stdout__.write", "stderr__.write")

TEXTS = {"Static", "Label", "Button", "notify"}
"""Textual's ways to show a text that look for markup in it unless told not to."""


def calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def writes_to_a_stream(source: str) -> bool:
    called = {ast.unparse(call.func) for call in calls(source)}
    return any(name in {"print", "os.write"} or name.endswith(STREAMS) for name in called)


def shows_with_markup(source: str) -> list[str]:
    """Calls that hand Textual a text in which it would look for markup."""
    shown = (call for call in calls(source) if name(call) in TEXTS and call.args)
    return [ast.unparse(call) for call in shown if not (is_off(call) or is_plain(call.args[0]))]


def is_off(call: ast.Call) -> bool:
    """Whether it says `markup=False`."""
    given = {word.arg: word.value for word in call.keywords}.get("markup")
    return isinstance(given, ast.Constant) and given.value is False


def is_plain(text: ast.expr) -> bool:
    """Whether there is no markup to be found: words of ours without any, or styled text."""
    if isinstance(text, ast.Constant):
        return "[" not in str(text.value)
    return isinstance(text, ast.Call) and "Content" in ast.unparse(text.func)


@pytest.mark.parametrize("path", modules("entrypoints"), ids=name_of)
def test_only_the_listed_modules_write_to_a_stream(path: Path) -> None:
    assert writes_to_a_stream(path.read_text(encoding="utf-8")) is (name_of(path) in WRITERS)


@pytest.mark.parametrize("path", modules("entrypoints/tui"), ids=name_of)
def test_no_widget_parses_a_text_that_is_not_ours(path: Path) -> None:
    assert shows_with_markup(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", modules("entrypoints/tui"), ids=name_of)
def test_markdown_and_markup_have_one_door_each(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    names = {name(call) for call in calls(source)}
    assert "from_markup" not in names
    assert "Markdown" not in names, "entrypoints/tui/foreign_markdown.py has the one that filters"


@pytest.mark.parametrize(
    "source",
    ["Static(answer)", "self.notify(f'{name} failed')", "Label(text, markup=True)", "Button(title, id='x')",
     "Static('[b]ours[/b]')"],
)  # fmt: skip
def test_a_widget_with_markup_would_be_found(source: str) -> None:
    assert shows_with_markup(source)


@pytest.mark.parametrize(
    "source",
    ["Static(Content(answer))", "Static('', id='x', markup=False)", "notify(words, markup=False)", "Static('ours')"],
)
def test_one_without_is_not(source: str) -> None:
    assert not shows_with_markup(source)


@pytest.mark.parametrize("source", ["print(1)", "sys.stdout.write(text)", "sys.__stderr__.write(text)"])
def test_a_write_to_a_stream_would_be_found(source: str) -> None:
    assert writes_to_a_stream(source)
