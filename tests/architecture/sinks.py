"""Finds in the code what shows a text, and whether that text has passed the filter in that very place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.tree import modules

FILTERS = {"untrusted", "untrusted_line"}
"""Functions of `domain.text.untrusted`; what they return is of the type `Shown`."""

STREAM_FILTERS = {"feed", "flush"}
"""Methods of `UntrustedStream`, of the same type."""

SHOWN = {"Shown", "Content", "Segment", "Strip", "Text"}
"""Types that are made of filtered text only: the filter returns the first, each call that makes another is a sink."""

PRINTING = {
    "print", "echo", "secho", "input", "getpass", "confirm", "prompt", "write_result", "warn", "print_exc",
}  # fmt: skip
"""To the terminal, by a function."""

WRITING = {"stdout", "stderr", "__stdout__", "__stderr__", "driver", "_driver", "stream", "_stream", "formatter"}
"""To the terminal, by a `write` of one of these."""

MADE_OF_TEXT = {
    "Content", "Text", "Segment", "Static", "Label", "Button", "Markdown", "CompletionItem",
    "Option", "Checkbox", "RadioButton",
    "Link", "Digits", "Log", "RichLog", "Pretty", "Tooltip", "TextArea", "Placeholder",
}  # fmt: skip
"""Widgets and texts for them, by their first argument."""

TELLING = {
    "update", "notify", "panic", "append_text", "set_content", "with_tooltip", "copy_to_clipboard", "add_option",
    "add_row", "add_column", "assemble", "styled", "from_markup", "from_text", "write_line", "write_lines",
}  # fmt: skip
"""Methods that show or hand over their first argument."""

SHOWN_BY_NAME = {"placeholder", "tooltip", "title", "sub_title", "border_title", "border_subtitle", "label", "prompt"}
"""Arguments and attributes of widgets that are shown."""

GUARDED = {"Field", "Composer"}
"""Widgets of our own in which what is typed, pasted or set is filtered where it arrives."""


def calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


class Scope:
    """The names of one function that hold nothing but literals and filtered text."""

    def __init__(self, function: ast.AST, constants: set[str]) -> None:
        self.constants = constants
        self.given: dict[str, list[ast.expr | None]] = {}
        self.typed: set[str] = set()
        for node in ast.walk(function):
            self._look(node)

    def _look(self, node: ast.AST) -> None:
        match node:
            case ast.arg(arg=name, annotation=annotation):
                if annotation is not None and _is_of_shown(annotation):
                    self.typed.add(name)
                else:
                    self.given.setdefault(name, []).append(None)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if _is_of_shown(annotation):
                self.typed.add(name)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._set(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._set(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._set(target, value)
            case ast.AugAssign(target=target, value=value):
                self._set(target, value)
            case ast.For(target=target, iter=iterated) | ast.comprehension(target=target, iter=iterated):
                self._set(target, iterated)
            case _:
                pass

    def _set(self, target: ast.expr, value: ast.expr) -> None:
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                self.given.setdefault(name.id, []).append(value)

    def holds(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether *name* never holds anything else."""
        if name in self.typed:
            return True
        if name in seen:
            return True
        values = self.given.get(name)
        if values is None:
            return name in self.constants
        return all(value is not None and self.passes(value, seen | {name}) for value in values)

    def passes(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> bool:
        """Whether *node* is a literal, filtered text, or put together of those."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return self.holds(node.id, seen)
        if isinstance(node, ast.Call):
            return self._returns_shown(node, seen)
        parts = _parts(node)
        return parts is not None and all(self.passes(part, seen) for part in parts)

    def _returns_shown(self, call: ast.Call, seen: frozenset[str]) -> bool:
        called = name(call)
        if called in SHOWN - {"Shown"} or called in returning_shown():
            return True
        if isinstance(call.func, ast.Name):
            return called in FILTERS or (called == "enumerate" and self.passes(call.args[0], seen))
        if isinstance(call.func, ast.Attribute) and called in ("join", "stylize"):
            texts = call.args if called == "join" else []
            return all(self.passes(part, seen) for part in (call.func.value, *texts))
        return called in STREAM_FILTERS


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """What *node* is put together of; None where it is none of the ways that are known to add nothing."""
    match node:
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return parts
        case ast.FormattedValue(value=part) | ast.Starred(value=part) | ast.ListComp(elt=part):
            return [part]
        case ast.GeneratorExp(elt=part):
            return [part]
        case ast.IfExp(body=first, orelse=second) | ast.BinOp(left=first, right=second):
            return [first, second]
        case _:
            return None


def _is_of_shown(annotation: ast.expr) -> bool:
    """Whether all that *annotation* lets through is filtered text, styles and positions aside."""
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    return bool(names & SHOWN) and names <= SHOWN | {"list", "tuple", "Sequence", "Iterable", "Iterator"}


def name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


@cache
def returning_shown() -> frozenset[str]:
    """Functions of ours that always return filtered text, by the types that mypy checks."""
    good: set[str] = set()
    other: set[str] = set()
    for path in modules("entrypoints"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                (good if node.returns is not None and _is_of_shown(node.returns) else other).add(node.name)
    return frozenset(good - other)


def constants_of(tree: ast.Module) -> set[str]:
    """Names of the module that hold literals."""
    found = set()
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant()):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
                found.add(name)
            case _:
                pass
    return found


def functions(tree: ast.Module) -> Iterator[ast.AST]:
    """The outermost functions, each with what is in it, and the rest of the module."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node not in inside:
            inside.update(ast.walk(node))
            yield node


def unfiltered(source: str) -> list[str]:
    """The calls and assignments of *source* that show what has not passed the filter in that place."""
    tree = ast.parse(source)
    constants, found, inside = constants_of(tree), [], set()
    for function in functions(tree):
        scope = Scope(function, constants)
        for node in ast.walk(function):
            inside.add(node)
            found += [ast.unparse(shown) for shown in sinks(node) if not scope.passes(shown)]
    outside = Scope(ast.Module([], []), constants)
    for node in ast.walk(tree):
        if node not in inside:
            found += [ast.unparse(shown) for shown in sinks(node) if not outside.passes(shown)]
    return found


def sinks(node: ast.AST) -> Iterator[ast.expr]:
    """What *node* shows by itself."""
    if isinstance(node, ast.Call):
        yield from _shown_by_call(node)
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in SHOWN_BY_NAME:
                yield node.value


def _shown_by_call(call: ast.Call) -> Iterator[ast.expr]:
    called, owner = name(call), call.func.value if isinstance(call.func, ast.Attribute) else None
    if called in PRINTING or called in MADE_OF_TEXT or (owner is not None and called in TELLING):
        yield from call.args if called == "print" else call.args[:1]
    if owner is not None and called == "write" and ast.unparse(owner).rpartition(".")[2] in WRITING:
        yield from call.args
    for word in call.keywords:
        if word.arg in SHOWN_BY_NAME and called in MADE_OF_TEXT | GUARDED | {"Input", "notify"}:
            yield word.value
        if word.arg == "help" and called == "CompletionItem":
            yield word.value
