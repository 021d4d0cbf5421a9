"""Work beside the rest is handed over as a function: a coroutine that never starts would be an error of its own."""

from __future__ import annotations

import ast

from tests.architecture.tree import mentioning, name_of


def test_one_function_alone_starts_workers() -> None:
    """What it takes is a `Work`, so that mypy lets no coroutine through; Textual's own takes either."""
    starting = [
        name_of(path)
        for path in mentioning("run_worker", "entrypoints")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "run_worker"
    ]
    assert starting == ["entrypoints/tui/window.py"]
