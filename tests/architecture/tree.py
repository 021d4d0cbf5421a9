"""The repository as the architecture tests see it: its files and what its modules import."""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]

LAYERS: Final = ("domain", "application", "adapters", "entrypoints")


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is committed or could be: git may be missing where the tests run, so `.gitignore` is read."""
    ignored = GitIgnoreSpec.from_lines([".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()])
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        inside = [Path(folder, name) for name in names]
        found += [path for path in inside if not ignored.match_file(name_of(path))]
        # As git does, nothing below what is ignored is looked at: a virtual environment has tens of thousands of files.
        folders[:] = [name for name in folders if not ignored.match_file(f"{name_of(Path(folder, name))}/")]
    return tuple(sorted(found))


def texts() -> dict[str, str]:
    """The repository's text files by their names; pictures and the like are left out."""
    found = {}
    for path in repository_files():
        try:
            found[name_of(path)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(folder: str) -> list[Path]:
    return [path for path in repository_files() if path.suffix == ".py" and path.is_relative_to(ROOT / folder)]


def mentioning(pattern: str, *folders: str) -> list[Path]:
    """The modules of *folders* with *pattern* in their text: no other needs to be read as a syntax tree for it."""
    return [path for folder in folders for path in modules(folder) if re.search(pattern, path.read_text("utf-8"))]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """The full names of all that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
