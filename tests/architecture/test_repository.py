"""Nothing in the repository is tied to a machine, a package registry or a person."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import LAYERS, ROOT, texts

REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|(index-url|find-links)[ =]+\S*[:/]", re.IGNORECASE
)

MACHINE = re.compile(r"(?<![\w.:/%}-])/(?:root|work|opt|Users|home/(?!ana\b))[\w.-]*/")
"""A folder of one machine; samples live in the home of Ana, who has none."""

SECRETS = re.compile(
    r"""
    sk-[A-Za-z0-9_-]{24,}                               # OpenAI, Anthropic
    | AIza[0-9A-Za-z_-]{35} | GOCSPX-[0-9A-Za-z_-]{20,} | ya29\.[0-9A-Za-z_-]{20,}  # Google
    | gh[pousr]_[0-9A-Za-z]{36}                         # GitHub
    | eyJ[0-9A-Za-z_-]{20,}\.eyJ[0-9A-Za-z_-]{20,}\.    # a JSON Web Token
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    """,
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def repository() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE, SECRETS], ids=["a registry", "a machine's folder", "a secret"])
def test_no_file_names(pattern: re.Pattern[str], repository: dict[str, str]) -> None:
    found = [
        f"{name}: {hit.group()}"
        for name, text in repository.items()
        for hit in pattern.finditer(text)
        if "fake" not in hit.group()
    ]
    assert not found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY, "https://pypi" + ".org/simple"),
        (REGISTRY, "--index-url " + "https://mirror.example.test/"),
        (MACHINE, 'path = "/ro' + 'ot/.cache/x"'),
        (MACHINE, "see /ho" + "me/someone/notes"),
        (SECRETS, "sk-ant-" + "api03" * 8),
        (SECRETS, "AI" + "za" + "0" * 35),
    ],
    ids=range(6),
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_opens_with_five_lines_on_its_rule(layer: str) -> None:
    lines = (ROOT / layer / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5
    assert lines[0].startswith(f"# {layer}: ")
    assert lines[2].startswith("**Rule: ")


def test_the_commands_of_the_readme_are_the_ones_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\npython3 -m venv" in readme
    commands = [line for line in readme.splitlines() if line.startswith("python3 -m venv")]
    assert commands[-1].endswith("pytest -n auto")
    assert all(step in ci for step in commands[-1].split(" && "))
