"""No file imports another that leads back to it, and none imports what lies further out: the syntax tree tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter

from tests.architecture.tree import LAYERS, ROOT, imports, module_name, modules, name_of

LAUNCHER = "keyswitch"
MOST_FILES = 24
MIRRORS = {"entrypoints/words", "adapters/sandbox"}
"""Folders whose files are called as what they word or play."""


@cache
def graph() -> dict[str, set[str]]:
    """The modules that each module imports, inside functions and for types as well."""
    files = {module_name(path): path for layer in LAYERS for path in modules(layer)}
    files[LAUNCHER] = ROOT / f"{LAUNCHER}.py"
    found: dict[str, set[str]] = {}
    for module, path in files.items():
        named = {name if name in files else name.rpartition(".")[0] for name in imports(path)}
        found[module] = (named & files.keys()) - {module}
    return found


def test_the_graph_has_imports_inside_functions_and_for_types() -> None:
    assert "entrypoints.cli.main" in graph()[LAUNCHER]
    assert "entrypoints.container" in graph()["entrypoints.light"]


def circle_in(imported: dict[str, set[str]]) -> list[str]:
    """A way from a module back to itself, each step an import; empty where there is none."""
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_no_file_leads_back_to_itself() -> None:
    assert circle_in(graph()) == []
    assert circle_in({**graph(), "domain.provider": {LAUNCHER}}) != []


def test_no_import_leads_outwards() -> None:
    depth = {layer: place for place, layer in enumerate((*LAYERS, LAUNCHER))}
    outwards = [
        f"{module} imports {name}"
        for module, names in graph().items()
        for name in names
        if depth[name.partition(".")[0]] > depth[module.partition(".")[0]]
    ]
    assert outwards == []


def test_no_file_name_stands_twice_within_a_layer() -> None:
    for layer in LAYERS:
        named = defaultdict(list)
        for path in modules(layer):
            name = name_of(path)
            if path.name != "__init__.py" and not any(name.startswith(f"{folder}/") for folder in MIRRORS):
                named[path.name].append(name)
        assert [names for names in named.values() if len(names) > 1] == []


def test_no_folder_holds_more_files_than_one_looks_over() -> None:
    held = Counter(path.parent for layer in LAYERS for path in modules(layer))
    assert [str(folder) for folder, count in held.items() if count > MOST_FILES] == []
