"""What goes to a terminal has passed the filter in the very call that shows it, whoever wrote it, however it got here.

The code is read as a syntax tree: each call and assignment that shows a text (a sink) must be given a literal, or what
the filter returned. No module is excused.
"""

from __future__ import annotations

import ast

from tests.architecture.sinks import SHOWN, WRITING, calls, name, unfiltered
from tests.architecture.tree import mentioning, name_of

OTHER_STREAMS = WRITING - {"stream", "_stream", "driver", "_driver"}

PLAIN_FIELDS = ("Input", "TextArea", "MaskedInput")
"""Textual's own, which filter nothing."""


def sources(folder: str, pattern: str = "") -> dict[str, str]:
    """The text of each module below *folder* with *pattern* in it, by its name."""
    return {name_of(path): path.read_text(encoding="utf-8") for path in mentioning(pattern, folder)}


def test_whatever_is_shown_has_passed_the_filter() -> None:
    found = {module: unfiltered(source) for module, source in sources("entrypoints").items()}
    assert {module: lines for module, lines in found.items() if lines} == {}


def test_only_the_filter_says_that_a_text_has_passed() -> None:
    """`Shown(...)` and `cast(Shown, ...)` would say so of anything."""
    claiming = {
        name_of(path)
        for path in mentioning("Shown", "domain", "application", "adapters", "entrypoints")
        for call in calls(path.read_text(encoding="utf-8"))
        if ast.unparse(call.func) == "Shown" or (name(call) == "cast" and "Shown" in ast.unparse(call))
    }
    assert claiming == {"domain/text/untrusted.py"}


def test_nobody_else_writes_to_a_terminal() -> None:
    """Adapters, use cases and the domain have nothing to say there."""
    writing = []
    for path in mentioning("print|input|getpass|std(err|out)", "domain", "application", "adapters"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {name(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if called & {"print", "input", "getpass"} or names & {"sys.stderr", "sys.__stderr__", "sys.__stdout__"}:
            writing.append(name_of(path))
    assert writing == []


def test_streams_have_no_other_names() -> None:
    """A stream that is kept under another name would be written to unseen. The driver carries the screen to it."""
    aliases = [
        f"{name_of(path)}: {ast.unparse(node)}"
        for path in mentioning("|".join(OTHER_STREAMS), "entrypoints")
        if name_of(path) != "entrypoints/tui/terminal_driver.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in OTHER_STREAMS
    ]
    assert aliases == []


def test_a_widget_that_draws_itself_draws_filtered_text() -> None:
    """Textual would look for markup in a plain string, and show it."""
    loose = [
        f"{name_of(path)}: {node.name}"
        for path in mentioning("render|__rich", "entrypoints/tui")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name in ("render", "render_line", "render_lines", "__rich__", "__rich_console__", "render_str")
        and ast.unparse(node.returns or ast.Constant(None)) not in SHOWN
    ]
    assert loose == []


def test_a_field_filters_what_it_takes() -> None:
    """Plain fields are for what is never shown: a passphrase."""
    plain = []
    for path in mentioning("|".join(PLAIN_FIELDS), "entrypoints"):
        for call in calls(path.read_text(encoding="utf-8")):
            words = {word.arg: ast.unparse(word.value) for word in call.keywords}
            if name(call) in PLAIN_FIELDS and words.get("password") != "True":
                plain.append(f"{name_of(path)}: {ast.unparse(call)}")
    assert plain == []


TEXTS = {"Static", "Label", "Button", "notify"}
"""Textual's ways to show a text that look for markup in it unless told not to."""


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


def test_no_widget_parses_a_text_that_is_not_ours() -> None:
    found = {
        module: shows_with_markup(source) for module, source in sources("entrypoints/tui", "|".join(TEXTS)).items()
    }
    assert {module: lines for module, lines in found.items() if lines} == {}


def test_markdown_and_markup_have_one_door_each() -> None:
    """The one that filters is in `entrypoints/tui/transcript/foreign_markdown.py`."""
    found = sources("entrypoints/tui", "from_markup|Markdown")
    called = {module: {name(call) for call in calls(source)} for module, source in found.items()}
    assert [module for module, names in called.items() if names & {"from_markup", "Markdown"}] == []


UNFILTERED = (
    "print(text)",
    "print('a', text)",
    "sys.stderr.write(f'said: {text}')",
    "sys.__stdout__.write(text)",
    "click.echo(text)",
    "click.confirm(f'{text}?')",
    "input(text)",
    "getpass(text)",
    "write_result(text)",
    "Static(text, markup=False)",
    "Static(Content(text))",
    "Label(f'{text}', markup=False)",
    "Button(Content(text))",
    "self.notify(text, markup=False)",
    "x.update(text)",
    "x.update(Content('\\n').join(texts))",
    "Segment(text, style)",
    "Text('\\n'.join(lines))",
    "app.copy_to_clipboard(text)",
    "x.border_title = text",
    "x.tooltip = text",
    "Input(placeholder=text)",
    "Field(placeholder=text)",
    "driver.write(text)",
    "self._stream.write(text)",
    "Content.styled(text, 'bold')",
    "a = untrusted(text)\n    a = text\n    print(a)",
    "for a in texts:\n        print(a)",
    "print(untrusted(text) + text)",
    "print(other.untrusted(text))",
    "print(untrusted if text else text)",
    "print([text for text in texts])",
    "CompletionItem(text)",
    "CompletionItem('a', help=text)",
    "app.panic(text)",
    "print(text if text else 'none')",
)

FILTERED = (
    "print(untrusted(text))",
    "print('ours')",
    "print(f'{untrusted(text)}: {untrusted_line(text)}')",
    "Static(Content('ours'))",
    "Static(Content(untrusted(text)))",
    "a = untrusted(text)\n    print(a)",
    "x.update(Content(', ').join([Content('a')]))",
    "x.update(Content('\\n').join(Content(untrusted(line)) for line in texts))",
    "print('\\n'.join(untrusted(a) for a in texts))",
    "for letter in untrusted(text):\n        Segment(letter, style)",
    "write_result(stream.feed(text), flush=True)",
    "print(untrusted(text) if text else 'none')",
    "x.border_title = untrusted(text)",
)


def test_a_text_that_is_shown_unfiltered_is_found_and_a_filtered_one_is_not() -> None:
    found = [
        line
        for line in (*UNFILTERED, *FILTERED)
        if unfiltered(f"def show(text, texts, lines, x, app):\n    {line}\n") != []
    ]
    assert found == list(UNFILTERED)


WITH_MARKUP = (
    "Static(answer)", "self.notify(f'{name} failed')", "Label(text, markup=True)", "Button(title, id='x')",
    "Static('[b]ours[/b]')",
)  # fmt: skip
WITHOUT = (
    "Static(Content(answer))", "Static('', id='x', markup=False)", "notify(words, markup=False)", "Static('ours')",
)  # fmt: skip


def test_a_widget_with_markup_is_found_and_one_without_is_not() -> None:
    assert [source for source in (*WITH_MARKUP, *WITHOUT) if shows_with_markup(source)] == list(WITH_MARKUP)
