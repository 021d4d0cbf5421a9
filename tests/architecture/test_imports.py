"""Imports point inwards, and the inner layers are plain Python."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture.tree import LAYERS, ROOT, imports, mentioning, module_name, modules, name_of

IMPORT_EACH = """
import importlib, json, sys, traceback
sys.path.insert(0, sys.argv[1])
failures = {}
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except BaseException:
        failures[name] = traceback.format_exc()
strangers = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names - {"domain", "__main__"}
print(json.dumps({"failures": failures, "strangers": sorted(strangers)}))
"""

WIRING = {"container.py", "light.py", "light_parts.py", "sandboxed.py"}

DOMAIN = [module_name(path) for path in modules("domain")]


@pytest.fixture(scope="module")
def isolated_domain() -> dict[str, dict[str, str]]:
    """What became of importing the domain by an interpreter without site-packages, environment or start-up hooks."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORT_EACH, str(ROOT), *DOMAIN], capture_output=True, text=True, check=True
    )
    result: dict[str, dict[str, str]] = json.loads(answer.stdout)
    return result


def test_there_is_a_domain() -> None:
    assert {"domain", "domain.provider", "domain.session", "domain.switching"} <= set(DOMAIN)


def test_the_domain_imports_without_site_packages(isolated_domain: dict[str, dict[str, str]]) -> None:
    assert not isolated_domain["failures"]


def test_the_domain_brings_in_the_standard_library_alone(isolated_domain: dict[str, dict[str, str]]) -> None:
    assert not isolated_domain["strangers"]


@pytest.mark.parametrize("layer", ["domain", "application"])
def test_an_inner_layer_names_no_library(layer: str) -> None:
    known = sys.stdlib_module_names | set(LAYERS)
    strangers = [
        f"{name_of(path)}: {name}"
        for path in modules(layer)
        for name in imports(path)
        if name.partition(".")[0] not in known
    ]
    assert not strangers


def test_the_import_contracts_hold() -> None:
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


def test_adapters_are_named_by_the_wiring_alone() -> None:
    offenders = [
        f"{name_of(path)}: {name}"
        for path in mentioning("adapters", "entrypoints")
        if path.name not in WIRING or path.parent.name != "entrypoints"
        for name in imports(path)
        if name.partition(".")[0] == "adapters"
    ]
    assert not offenders


def test_the_abandoned_httpx_is_imported_nowhere() -> None:
    offenders = [
        f"{name_of(path)}: {name}"
        for path in mentioning(r"\bhttpx\b", ".")
        for name in imports(path)
        if name.partition(".")[0] == "httpx"
    ]
    assert not offenders


def test_imports_are_absolute() -> None:
    """A relative import would escape the checks above."""
    offenders = [
        name_of(path) for folder in LAYERS for path in modules(folder) if "\nfrom ." in path.read_text(encoding="utf-8")
    ]
    assert not offenders
