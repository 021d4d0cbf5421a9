"""An id_token proves who signed in only if all of it is right."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from adapters.oauth import id_token
from adapters.oauth.id_token import Expected, Identity, IdTokenInvalid, Keys, key_set
from domain.text.secret import Secret
from tests.support.fixed_clock import NOON

ISSUER = "https://auth.example.test"
CLIENT = "fake-client"
NOW = int(NOON.timestamp())
EXPECTED = Expected(audience=CLIENT, nonce=Secret("fake-nonce"), issuer=ISSUER, now=NOON)


@pytest.fixture(scope="module")
def key() -> RSAKey:
    made = RSAKey.generate_key(2048, private=True)
    made.ensure_kid()
    return made


@pytest.fixture
def keys(key: RSAKey) -> Keys:
    return key_set({"keys": [key.as_dict(private=False)]})


def claims(**changes: Any) -> dict[str, Any]:
    usual = {
        "iss": ISSUER, "sub": "user-1", "aud": CLIENT, "exp": NOW + 3600, "iat": NOW, "nonce": "fake-nonce",
        "email": "ana@example.test",
    }  # fmt: skip
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def signed(key: RSAKey, **changes: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims(**changes), key)


def identity_of(token: str, keys: Keys | None, expected: Expected) -> Identity:
    return id_token.identity_of(Secret(token), keys, expected)


def stated_subject(token: str) -> str | None:
    person = id_token.stated(Secret(token))
    return person.subject if person else None


def test_a_good_one_names_the_person(key: RSAKey, keys: Keys) -> None:
    identity = identity_of(signed(key), keys, EXPECTED)

    assert (identity.subject, identity.label) == ("user-1", "ana@example.test")


def test_one_audience_may_be_a_list(key: RSAKey, keys: Keys) -> None:
    for audience in ([CLIENT], CLIENT):
        assert identity_of(signed(key, aud=audience), keys, EXPECTED).subject == "user-1"


WRONG_CLAIMS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"iss": "https://other.example.test"}, "iss"), ({"iss": None}, "iss"), ({"iss": f"{ISSUER}/"}, "iss"),
    ({"aud": "other"}, "aud"), ({"aud": None}, "aud"), ({"aud": []}, "aud"), ({"aud": 7}, "aud"),
    ({"aud": [CLIENT, "other"]}, "azp"), ({"azp": "other"}, "azp"),
    ({"nonce": "other"}, "nonce"), ({"nonce": None}, "nonce"), ({"nonce": ["other"]}, "nonce"),
    ({"exp": NOW - 301}, "expired"), ({"exp": None}, "exp"), ({"exp": "soon"}, "exp"), ({"exp": True}, "exp"),
    ({"iat": NOW + 301}, "clock"), ({"iat": None}, "iat"), ({"nbf": NOW + 301}, "nbf"),
    ({"sub": None}, "sub"), ({"sub": 7}, "sub"), ({"sub": "x" * 256}, "sub"), ({"sub": "a\nb"}, "sub"),
)  # fmt: skip


def test_every_claim_is_checked_with_keys_and_without(key: RSAKey, keys: Keys, subtests: pytest.Subtests) -> None:
    for changes, named in WRONG_CLAIMS:
        token = signed(key, **changes)
        for at_hand in (keys, None):
            with subtests.test(str(changes)), pytest.raises(IdTokenInvalid, match=named):
                identity_of(token, at_hand, EXPECTED)


def test_a_clock_that_is_a_little_off_is_no_obstacle(key: RSAKey, keys: Keys) -> None:
    assert identity_of(signed(key, exp=NOW - 299, iat=NOW + 299), keys, EXPECTED).subject == "user-1"


def test_a_key_that_is_not_in_the_set_may_be_newer(keys: Keys) -> None:
    other = RSAKey.generate_key(2048, private=True)
    other.ensure_kid()

    with pytest.raises(IdTokenInvalid, check=lambda error: error.key_unknown):
        identity_of(signed(other), keys, EXPECTED)


def test_a_changed_claim_breaks_the_signature(key: RSAKey, keys: Keys) -> None:
    head, _, signature = signed(key).split(".")
    _, payload, _ = signed(key, sub="user-2").split(".")

    with pytest.raises(IdTokenInvalid, match="signature"):
        identity_of(f"{head}.{payload}.{signature}", keys, EXPECTED)


def test_no_signature_and_a_shared_key_prove_nothing(key: RSAKey, keys: Keys) -> None:
    _, payload, _ = signed(key).split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{payload}."
    known_to_all = OctKey.import_key(CLIENT * 4)
    shared = jwt.encode({"alg": "HS256", "kid": key.kid}, claims(), known_to_all, algorithms=["HS256"])

    for token in (unsigned, shared):
        with pytest.raises(IdTokenInvalid):
            identity_of(token, keys, EXPECTED)


def test_what_is_no_token_is_refused(keys: Keys, subtests: pytest.Subtests) -> None:
    for token in ("", "a", "a.b", "a.b.c", "....", "eyJ.eyJ.x", "x" * 200_000):
        for at_hand in (keys, None):
            with subtests.test(token[:20]), pytest.raises(IdTokenInvalid):
                identity_of(token, at_hand, EXPECTED)


def test_the_subject_alone_can_be_read_unchecked(key: RSAKey) -> None:
    assert stated_subject(signed(key, exp=1)) == "user-1"
    assert stated_subject("nonsense") is None
    assert stated_subject(signed(key, sub=7)) is None


def test_keys_that_cannot_be_read_are_refused(subtests: pytest.Subtests) -> None:
    for listed in (None, [], "x", [7], [{"kty": "RSA"}], [{"kty": "none"}]):
        with subtests.test(str(listed)), pytest.raises(IdTokenInvalid):
            key_set({} if listed is None else {"keys": listed})


ELLIPTIC = ECKey.generate_key("P-256").as_dict(private=False)
UNUSABLE: tuple[Any, ...] = (
    {"kty": "AKP", "alg": "ML-DSA-65", "pub": "x"}, {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
    {"kty": "EC", "crv": "P-256", "x": "AA"}, {**ELLIPTIC, "y": "AA"}, {**ELLIPTIC, "crv": "secp256k1"},
    {**ELLIPTIC, "crv": 7}, {"kty": "RSA", "n": "AQAB"}, {"kty": "RSA", "e": "AQAB"},
    {"kty": "RSA", "n": "!!", "e": "AQAB"},
    {"kty": "RSA", "n": "", "e": ""}, {"kty": "RSA", "n": 7, "e": []}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kty": "RSA", "n": "\u00fc", "e": "AQAB"}, {"kty": "OKP", "crv": "Ed448", "x": "AA"}, {"kty": "oct", "k": "AAAA"},
    {"kty": None}, {"kty": ["RSA"]}, {"kty": {}}, {}, [], 7, None, "RSA", True,
)  # fmt: skip


def test_a_key_that_cannot_be_used_does_not_spoil_the_others(key: RSAKey) -> None:
    good = key.as_dict(private=False)
    for unusable in UNUSABLE:
        for listed in ([unusable, good], [good, unusable]):
            keys = key_set({"keys": listed})
            assert (len(keys), identity_of(signed(key), keys, EXPECTED).subject) == (1, "user-1")


def test_what_stands_beside_a_good_key_does_not_spoil_it(key: RSAKey) -> None:
    good = key.as_dict(private=False)
    odd = {"use": 7, "key_ops": "x", "x5c": [1], "alg": None, "x5t": {}, "later": float("nan")}
    for name, value in odd.items():
        assert identity_of(signed(key), key_set({"keys": [{**good, name: value}]}), EXPECTED).subject == "user-1"


def test_a_key_without_a_name_is_tried_for_every_token(key: RSAKey) -> None:
    other = RSAKey.generate_key(2048).as_dict(private=False)
    nameless = {name: value for name, value in key.as_dict(private=False).items() if name != "kid"}
    keys = key_set({"keys": [{name: value for name, value in other.items() if name != "kid"}, nameless]})
    unnamed = jwt.encode({"alg": "RS256"}, claims(), key)

    assert identity_of(signed(key), keys, EXPECTED).subject == "user-1"
    assert identity_of(unnamed, keys, EXPECTED).subject == "user-1"


def test_a_signature_of_no_key_at_hand_may_be_of_a_newer_one(keys: Keys) -> None:
    with pytest.raises(IdTokenInvalid, check=lambda error: error.key_unknown, match="signature"):
        identity_of(jwt.encode({"alg": "RS256"}, claims(), RSAKey.generate_key(2048)), keys, EXPECTED)
