"""A docstring says what a name cannot: whatever fits into three words does not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import LAYERS, ROOT, mentioning, name_of

FEWEST_WORDS = 4

SHORT = r'"""\s*(\S+\s+){0,2}\S+\s*"""'
"""A text of fewer words, and what lies between two texts."""


def short_docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None and len(text.split()) < FEWEST_WORDS:
                yield f"{name_of(path)}:{getattr(node, 'lineno', 1)}: {text}"


def test_no_docstring_is_three_words_or_fewer() -> None:
    paths = [ROOT / "keyswitch.py", *mentioning(SHORT, *LAYERS, "tests")]
    assert [short for path in paths for short in short_docstrings(path)] == []
