"""Every request of the program is made by one HTTP set-up: `adapters/http`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import LAYERS, ROOT, imports, mentioning, name_of

CLIENTS = {"AsyncClient", "AsyncOAuth2Client", "OAuth2Client", "AsyncHTTPTransport", "HTTPTransport"}
SHORTCUTS = {"Client", "get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}
OTHER_WAYS = (
    "http.client", "urllib.request.urlopen", "urllib.request.build_opener", "urllib3", "requests", "aiohttp",
    "httpcore2", "ftplib", "smtplib", "xmlrpc.client",
)  # fmt: skip

SETS_UP = "adapters/http/options.py"
WITHOUT_A_REQUEST = {"adapters/oauth/token_endpoint.py"}
"""Uses authlib's client with `session=None` to write an authorize address."""


def calls(code: str) -> Iterator[tuple[str, ast.Call]]:
    """What is called in *code*, by the last part of its name."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def own_set_ups(name: str, code: str) -> list[str]:
    """The clients in *code* that are made of anything but the options of `adapters/http`."""
    found = []
    for called, node in calls(code):
        whose = getattr(getattr(node.func, "value", None), "id", "")
        if called in CLIENTS and not _is_of_options(node):
            found.append(f"{name}:{node.lineno} {called}")
        if whose == "httpx2" and called in SHORTCUTS:
            found.append(f"{name}:{node.lineno} httpx2.{called}")
    return found


def _is_of_options(node: ast.Call) -> bool:
    """`AsyncClient(**options)` and nothing beside it."""
    return not node.args and all(keyword.arg is None for keyword in node.keywords)


def product(*mentioned: str) -> Iterator[tuple[str, str]]:
    """The modules that are run with a person's credentials; the sandbox plays the other side. Of them, those in whose
    text one of the words stands.
    """
    for path in mentioning("|".join(mentioned), *LAYERS):
        if not path.is_relative_to(ROOT / "adapters/sandbox"):
            yield name_of(path), path.read_text(encoding="utf-8")


def test_clients_are_made_of_the_common_options_alone() -> None:
    offenders = [
        offender
        for name, code in product("httpx2", *CLIENTS)
        if name not in {SETS_UP, *WITHOUT_A_REQUEST}
        for offender in own_set_ups(name, code)
    ]
    assert not offenders


def test_there_is_no_other_way_to_the_network() -> None:
    offenders = [
        f"{name}: {imported}"
        for name, _ in product(*(way.rpartition(".")[2] for way in OTHER_WAYS))
        for imported in imports(ROOT / name)
        if imported.startswith(OTHER_WAYS)
    ]
    assert not offenders


@pytest.mark.parametrize(
    "code",
    [
        "httpx2.AsyncClient(follow_redirects=True)",
        "httpx2.AsyncClient(**options, trust_env=True)",
        "httpx2.get('https://a.example')",
        "AsyncHTTPTransport(verify=False)",
    ],
)
def test_a_client_of_ones_own_is_noticed(code: str) -> None:
    assert own_set_ups("x.py", code)
