"""Secrets are opened where they leave for the wire or are sealed, and nowhere else."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.architecture.tree import LAYERS, ROOT, mentioning, name_of

REVEALED = {
    "adapters/chat/wire.py": 1,  # `Bearer` in front of the token, which is a secret again
    "adapters/config/config_editor.py": 1,  # a client secret into the config file, which holds it in the clear
    "adapters/http/bound_credential.py": 1,  # the transport: into a header field, for one origin only
    "adapters/oauth/id_token.py": 3,  # joserfc reads the token and compares the nonce
    "adapters/oauth/token_endpoint.py": 3,  # the transport: into the form or JSON of one request
    "adapters/session_store/originals.py": 1,  # a whole file of an earlier program, for reading it again
    "adapters/earlier_formats/members.py": 1,  # the claims of a token that an earlier program kept
    "adapters/master_key/in_file.py": 1,  # the master key into its file
    "adapters/master_key/key.py": 1,  # the name of a master key is a digest of it
    "adapters/master_key/in_keyring.py": 1,  # the master key into the keyring
    "adapters/master_key/in_passphrase.py": 2,  # the passphrase into the cipher, and the master key under it
    "adapters/session_store/sealing.py": 3,  # the seal
    "adapters/sign_in/attempt.py": 3,  # the words in our own short addresses
    "domain/sign_in/callback.py": 1,  # a parameter, for the one who asks for it by name
    "domain/text/pasted.py": 3,  # what a person pasted is taken apart, and the pieces of an address put together
    "domain/text/pasted_key.py": 1,  # the same, of an API key
}
"""How often `reveal` is called, by module. Another place needs a reason as good as these."""


def revealed(source: str) -> int:
    """How often *source* opens a secret: by `reveal`, by that name as a text, or past it."""
    nodes = list(ast.walk(ast.parse(source)))
    named = sum(isinstance(node, ast.Attribute) and node.attr == "reveal" for node in nodes)
    by_text = sum(isinstance(node, ast.Constant) and node.value in ("reveal", "_value") for node in nodes)
    return named + by_text


def test_secrets_are_opened_where_it_is_listed() -> None:
    found = Counter[str]()
    for path in mentioning("reveal|_value", *LAYERS):
        if name_of(path) != "domain/text/secret.py":
            found[name_of(path)] += revealed(path.read_text(encoding="utf-8"))
    assert +found == REVEALED


def test_nobody_reaches_past_a_secret() -> None:
    for path in mentioning("_value", *LAYERS):
        if path.name in ("secret.py", "secret_bytes.py") and path.is_relative_to(ROOT / "domain"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "_value":
                assert isinstance(node.value, ast.Name), f"{name_of(path)}:{node.lineno}"
                assert node.value.id == "self", f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize(
    "source",
    ["print(token.reveal())", "show = token.reveal", "getattr(token, 'reveal')()", "map(Secret.reveal, tokens)"],
)
def test_every_way_to_open_one_is_found(source: str) -> None:
    assert revealed(source) == 1
