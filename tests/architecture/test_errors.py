"""A class of errors is for what some code tells apart; there are few enough to know them all."""

from __future__ import annotations

import ast
import builtins

from tests.architecture.tree import LAYERS, ROOT, modules

MOST = 70

BUILT_IN = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)}


def test_there_are_seventy_exception_classes_at_most() -> None:
    files = [ROOT / "keyswitch.py", *(path for layer in LAYERS for path in modules(layer))]
    classes = [
        (node.name, {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases})
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    errors: set[str] = set()
    while found := {name for name, bases in classes if bases & (BUILT_IN | errors)} - errors:
        errors |= found
    assert {"KeyswitchError", "StoreLocked"} <= errors
    counted = sorted(name for name, _ in classes if name in errors)  # a name may stand in two files
    assert len(counted) <= MOST, counted
