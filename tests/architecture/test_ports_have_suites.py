"""A fake that carries a unit test has passed the suite of its port, which the real adapters have passed as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.architecture.tree import ROOT, imports, module_name, modules, name_of

Promise = dict[str, tuple[str, ...] | None]
"""The public members of a port, and what a method takes by name; None for what is no method."""


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def promise_of(definition: ast.ClassDef) -> Promise:
    found: Promise = {}
    for node in definition.body:
        match node:
            case ast.FunctionDef(decorator_list=[ast.Name(id="property")]):
                found[node.name] = None
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not node.name.startswith("_") or node.name == "__call__":
                found[node.name] = parameters_of(node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = None
            case _:
                pass
    return found


def parameters_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    arguments = function.args
    names = (argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))
    return tuple(name for name in names if name != "self")


def ports() -> dict[str, Promise]:
    """What each port promises, with what the ports that it extends do."""
    found: dict[str, Promise] = {}
    for path in modules("application/ports"):
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases):
                inherited = [found.get(ast.unparse(base), {}) for base in node.bases]
                found[node.name] = dict(chain.from_iterable(part.items() for part in (*inherited, promise_of(node))))
    return found


def behind_unit_tests() -> set[Path]:
    """The test modules that unit tests and the tests of the app reach by imports."""
    by_name = {module_name(path): path for path in modules("tests")}
    reached: set[Path] = set()
    ahead = [*modules("tests/unit"), *modules("tests/tui")]
    while ahead:
        path = ahead.pop()
        if path not in reached:
            reached.add(path)
            named = {name for full in imports(path) for name in (full, full.rpartition(".")[0])}
            ahead += [by_name[name] for name in named if name in by_name]
    return reached


def stand_ins(path: Path) -> Iterator[tuple[str, Promise]]:
    """Classes, and functions that stand in for a port that is only called; a private one is reached by another."""
    for node in parsed(path).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, promise_of(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, {"__call__": parameters_of(node)}


def fakes() -> Iterator[tuple[str, str, str]]:
    """Port, fake and the module of the fake: whatever has all that a port promises."""
    promised = ports()
    for path in behind_unit_tests():
        for name, has in stand_ins(path):
            for port, promise in promised.items():
                if promise and promise.items() <= {**has, **dict.fromkeys(has.keys() & _values(promise))}.items():
                    yield port, name, name_of(path)


def _values(promise: Promise) -> set[str]:
    """The members that may be an attribute, a property or a field."""
    return {name for name, taken in promise.items() if taken is None}


def test_every_fake_runs_the_suite_of_its_port() -> None:
    named = [{full.rpartition(".")[2] for full in imports(path)} for path in modules("tests/contracts")]
    found = set(fakes())
    untested = [
        f"{fake} in {module} stands in for {port}, and no suite in tests/contracts runs with it"
        for port, fake, module in sorted(found)
        if not any(fake in names for names in named)
    ]
    assert not untested
    assert len({port for port, *_ in found}) >= 18, sorted(found)


def test_every_suite_is_run_by_more_than_a_fake() -> None:
    """A suite that no adapter runs would hold a fake to what somebody once had in mind."""
    lonely = [
        name_of(path)
        for path in (ROOT / "tests" / "contracts").glob("test_*.py")
        if not any(full.startswith(("adapters.", "entrypoints.")) for full in imports(path))
    ]
    assert not lonely
