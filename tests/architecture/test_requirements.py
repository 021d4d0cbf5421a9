"""What gets installed is what was declared, pinned to one version and one set of hashes."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
USERS = PROJECT["project"]["dependencies"]
DEVELOPERS = USERS + PROJECT["dependency-groups"]["dev"]

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(file: str) -> dict[str, tuple[Requirement, list[str]]]:
    """The requirement of each package and the options beside it."""
    text = re.sub(r"\\\n", " ", (ROOT / file).read_text(encoding="utf-8"))
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement, *options = re.split(r"\s+(?=--)", line.strip())
            parsed = Requirement(requirement)
            found[canonicalize_name(parsed.name)] = (parsed, options)
    return found


@pytest.mark.parametrize(("file", "declared"), [("requirements.txt", USERS), ("requirements-dev.txt", DEVELOPERS)])
def test_every_declared_dependency_is_pinned_within_its_range(file: str, declared: list[str]) -> None:
    pinned = pins(file)
    for wanted in map(Requirement, declared):
        exact, _ = pinned[canonicalize_name(wanted.name)]
        (only,) = exact.specifier
        assert only.operator == "=="
        assert wanted.specifier.contains(only.version), f"{exact} is outside {wanted}"


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_no_address(file: str) -> None:
    for exact, options in pins(file).values():
        assert exact.url is None
        assert options, f"{exact} has no hash"
        assert all(HASH.fullmatch(option) for option in options), f"{exact} has other options"


def test_users_and_developers_get_the_same_versions() -> None:
    developers = pins("requirements-dev.txt")
    assert all(
        developers[name][0].specifier == exact.specifier for name, (exact, _) in pins("requirements.txt").items()
    )


def test_the_build_backend_is_the_pinned_one() -> None:
    """An editable install for development uses no build isolation, so the two must agree."""
    pinned = pins("requirements-dev.txt")
    for wanted in map(Requirement, PROJECT["build-system"]["requires"]):
        assert pinned[canonicalize_name(wanted.name)][0].specifier == wanted.specifier


def test_the_abandoned_httpx_comes_with_nothing() -> None:
    assert "httpx" not in pins("requirements-dev.txt")


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_extras_that_a_dependency_asks_for_are_pinned_as_such(file: str) -> None:
    """An older pip takes `coverage[toml]` for another package than a pinned `coverage`, and fetches the newest."""
    pinned = pins(file)
    here = [name for name, (exact, _) in pinned.items() if exact.marker is None]
    asked = [Requirement(text) for name in here for text in requires(name) or ()]
    for wanted in asked:
        if (
            wanted.extras
            and canonicalize_name(wanted.name) in pinned
            and (not wanted.marker or wanted.marker.evaluate())
        ):
            assert wanted.extras <= pinned[canonicalize_name(wanted.name)][0].extras, f"{wanted} in {file}"
