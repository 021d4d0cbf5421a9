"""Fewer permissions than asked for are noticed, and other names of the same ones are not taken for fewer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.oauth.new_session import missing_scopes
from domain.text.secret import Secret
from tests.support.credentials import a_session

ASKED = ("openid", "email", "profile", "offline_access", "https://www.googleapis.com/auth/cloud-platform")
GOOGLE = "https://www.googleapis.com/auth"


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (ASKED, ()),
        ((f"{GOOGLE}/userinfo.email", f"{GOOGLE}/userinfo.profile", f"{GOOGLE}/cloud-platform"), ()),
        (("email", "profile"), (f"{GOOGLE}/cloud-platform",)),
        ((), ("email", "profile", f"{GOOGLE}/cloud-platform")),
        (("mail", "profile", "cloud-platform.read-only"), ("email", f"{GOOGLE}/cloud-platform")),
    ],
)
def test_what_is_missing_is_named_by_what_was_asked_for(granted: tuple[str, ...], missing: tuple[str, ...]) -> None:
    session = replace(a_session(scopes=granted), id_token=Secret("fake-id-token"))

    assert missing_scopes(ASKED, session) == missing


def test_what_the_tokens_do_not_prove_must_be_named() -> None:
    session = a_session(scopes=("email", "profile", "cloud-platform"), renewable=False)

    assert missing_scopes(ASKED, session) == ("openid", "offline_access")


def test_the_permission_for_a_plan_is_told_elsewhere() -> None:
    assert missing_scopes(("chat", "plan"), a_session(scopes=("chat",), plan_scope="plan")) == ()
