"""What a grant allows, and how the names of credentials cross to the other machine and back."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.forwarding.protocol import credential_name, named_credential
from domain.credential import CredentialKey, CredentialKind, Tombstone
from domain.forwarding.forwarded_key import at_home, forwarded_key
from domain.forwarding.grant import Grant
from domain.provider import Provider
from domain.records import replace
from tests.support.credentials import NOON, a_record

accounts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
keys = st.builds(CredentialKey, st.sampled_from(Provider), accounts, st.sampled_from(CredentialKind))


@given(keys)
def test_a_key_crosses_to_the_other_machine_and_back_unchanged(key: CredentialKey) -> None:
    there = forwarded_key(key, "0123abcd")

    assert (there.kind, at_home(there)) == (CredentialKind.FORWARDED, (key, "0123abcd"))
    assert named_credential(credential_name(key)) == key
    assert credential_name(key).isascii()


def test_a_grant_covers_its_providers_until_its_time_is_over() -> None:
    grant = Grant("devbox", frozenset({Provider.CLAUDE}), until=NOON)
    claude, gemini = a_record(Provider.CLAUDE), a_record(Provider.GEMINI)
    before = NOON - timedelta(seconds=1)

    assert [grant.covers(claude, before), grant.covers(gemini, before), grant.covers(claude, NOON)] == [1, 0, 0]
    assert Grant("devbox", frozenset(Provider)).covers(gemini, NOON + timedelta(days=900))


def test_a_host_is_shown_only_what_lies_in_the_store_and_can_answer() -> None:
    grant, record = Grant("devbox", frozenset(Provider)), a_record()
    lent = {kind: replace(record, key=replace(record.key, kind=kind)) for kind in CredentialKind}
    variable = replace(
        lent[CredentialKind.API_KEY], key=CredentialKey(Provider.CLAUDE, "env:X", CredentialKind.API_KEY)
    )
    ended = replace(record, tombstone=Tombstone("invalid_grant", NOON))

    assert [kind for kind in CredentialKind if grant.shows(lent[kind], NOON)] == [
        CredentialKind.OAUTH,
        CredentialKind.API_KEY,
    ]
    assert not grant.shows(variable, NOON)
    assert not grant.shows(ended, NOON)
