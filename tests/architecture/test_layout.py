"""A file is found by its name, and a folder can be read at a glance."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from tests.architecture.tree import LAYERS, ROOT, modules, name_of

MOST_FILES = 24
"""Python files of one folder, its `__init__.py` included."""

MIRRORS = (Path("entrypoints/words"), Path("adapters/sandbox"))
"""These name their files after the screens and vendors that others are named after as well."""


def mirrors(path: Path) -> bool:
    return any(path.is_relative_to(ROOT / folder) for folder in MIRRORS)


def test_no_file_name_stands_twice_in_a_layer() -> None:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for layer in LAYERS:
        for path in modules(layer):
            if path.name != "__init__.py" and not mirrors(path):
                found[layer, path.name].append(name_of(path))
    assert [names for names in found.values() if len(names) > 1] == []


def test_no_folder_of_the_product_has_too_many_files() -> None:
    sizes: defaultdict[str, int] = defaultdict(int)
    for layer in LAYERS:
        for path in modules(layer):
            sizes[name_of(path.parent)] += 1
    assert {folder: size for folder, size in sizes.items() if size > MOST_FILES} == {}
