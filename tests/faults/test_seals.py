"""S3: a nonce is used once, and nothing that was sealed opens anywhere but where it was sealed."""

from __future__ import annotations

import copy
import json
import secrets
import time
from binascii import crc32
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.json.check_sums import canonical
from adapters.master_key.key import MasterKey
from adapters.session_store.sealing import seal
from domain.errors import StoreDamaged, StoreError, StoreWrongKey
from domain.provider import Provider
from domain.text.secret import Secret
from tests.support.credentials import a_record, a_session
from tests.support.fault_scale import scaled
from tests.support.key_places import Window

SEALS: Final = 100_000

Records = list[dict[str, Any]]


def nonces(count: int) -> Iterator[str]:
    """Of so many seals of one secret with one key: the worst case."""
    key, secret = MasterKey.new(), {"access_token": Secret("fake-access")}
    for _ in range(count):
        yield seal(secret, {"generation": 1}, key)["nonce"]


def repeated(seen: Iterator[str]) -> int:
    """How many of them were there before."""
    found = list(seen)
    return len(found) - len(set(found))


def test_no_nonce_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    count = scaled(SEALS)
    started = time.monotonic()
    assert repeated(nonces(count)) == 0
    with capsys.disabled():
        print(f"\nS3  {count} seals with one key, 0 nonces repeated ({time.monotonic() - started:.1f} s)")  # noqa: T201


def test_a_generator_that_repeats_itself_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 24 random bits in place of 96, as a slip would have it."""
    real = secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda size: real(3).ljust(size, b"\0"))
    assert repeated(nonces(20_000)) > 0  # some twelve are to be expected


# What somebody could do to the file who can write it and has not got the key


def swap_seals(records: Records) -> None:
    records[0]["sealed"], records[1]["sealed"] = records[1]["sealed"], records[0]["sealed"]


def swap_owners(records: Records) -> None:
    records[0]["bound"], records[1]["bound"] = records[1]["bound"], records[0]["bound"]


def exchange_the_account(records: Records) -> None:
    records[0]["bound"]["account"] = "mallory"


def send_it_elsewhere(records: Records) -> None:
    records[0]["bound"]["token_url"] = "https://mallory.example.test/token"


def stretch_its_life(records: Records) -> None:
    records[0]["bound"]["sign_in_expires_at"] = "2099-01-01T00:00:00+00:00"


def strip_the_seal(records: Records) -> None:
    del records[0]["sealed"]


def strip_the_tag(records: Records) -> None:
    records[0]["sealed"]["box"] = records[0]["sealed"]["box"][:-24]


def strip_a_bound_fact(records: Records) -> None:
    del records[0]["bound"]["session_id"]


def put_tokens_in_the_clear(records: Records) -> None:
    records[0]["sealed"] = {"cipher": "none", "access_token": "fake-access-of-mallory"}


def name_an_older_cipher(records: Records) -> None:
    records[0]["sealed"]["cipher"] = "A128CBC"


def lower_the_generation(records: Records) -> None:
    records[0]["bound"]["generation"] -= 1


FORGERIES: Final[dict[str, tuple[Callable[[Records], None], type[StoreError]]]] = {
    "swap: two seals": (swap_seals, StoreDamaged),
    "swap: two owners": (swap_owners, StoreDamaged),
    "swap: another account": (exchange_the_account, StoreDamaged),
    "swap: another token address": (send_it_elsewhere, StoreDamaged),
    "swap: a later end": (stretch_its_life, StoreDamaged),
    "strip: the seal": (strip_the_seal, StoreDamaged),
    "strip: its tag": (strip_the_tag, StoreDamaged),
    "strip: a fact": (strip_a_bound_fact, StoreDamaged),
    "downgrade: no cipher": (put_tokens_in_the_clear, StoreDamaged),
    "downgrade: another cipher": (name_an_older_cipher, StoreDamaged),
    "rollback: a lower number": (lower_the_generation, StoreDamaged),
}


@pytest.fixture
def window(tmp_path: Path) -> Window:
    """Three sessions, the first renewed once."""
    window = Window(tmp_path / "home")
    for provider in Provider:
        window.store.save(a_session(provider, generation=1))
    return window


def rewrite(window: Window, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the file on purpose: unlike damage, an attacker gets the check sums right, and leaves no good copy."""
    path = window.home / "auth.json"
    document = json.loads(path.read_bytes())
    change(document)
    for record in document["records"]:
        parts = [record.get(name, {}) for name in ("bound", "notes", "sealed")]
        record["check"] = f"{crc32(canonical(parts)):08x}"
    path.write_text(json.dumps(document), "ascii")
    (window.home / "auth.json.bak").unlink(missing_ok=True)


def refusals(window: Window) -> dict[Provider, StoreError]:
    """What each record that does not open says."""
    found = {}
    for provider in Provider:
        try:
            loaded = window.another().store.load(a_record(provider).key)
            assert loaded is None or loaded == a_session(provider, generation=loaded.record.generation)
        except StoreError as error:
            found[provider] = error
    return found


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_record_is_rejected_and_named_and_its_neighbours_open(name: str, window: Window) -> None:
    forge, kind = FORGERIES[name]
    before = window.another().store.load(a_record(Provider.GEMINI).key)
    rewrite(window, lambda document: forge(document["records"]))
    found = refusals(window)
    assert found or window.another().store.load(a_record(Provider.CHATGPT).key) is None
    for provider, error in found.items():
        assert isinstance(error, kind)
        assert error.code == "store_damaged"
        assert provider.label in str(error)
    assert Provider.GEMINI not in found
    assert window.another().store.load(a_record(Provider.GEMINI).key) == before


def test_an_older_seal_under_a_newer_number_is_rejected(window: Window) -> None:
    old = json.loads((window.home / "auth.json").read_bytes())["records"][0]["sealed"]
    window.store.save(a_session(Provider.CHATGPT, generation=2))
    rewrite(window, lambda document: document["records"][0].update(sealed=old))
    (error,) = refusals(window).values()
    assert isinstance(error, StoreDamaged)
    assert "changed since it was sealed" in str(error)


@pytest.mark.parametrize("version", [0, 1])
def test_an_older_format_is_no_way_around_the_seal(version: int, window: Window) -> None:
    rewrite(window, lambda document: document.update(format=version))
    for error in refusals(window).values():
        assert isinstance(error, StoreDamaged) or error.code == "store_older"


def test_another_key_is_told_from_damage(window: Window) -> None:
    document = json.loads((window.home / "auth.json").read_bytes())
    record = copy.deepcopy(document["records"][0])
    foreign = seal({"access_token": Secret("fake-of-mallory")}, record["bound"], MasterKey.new())
    rewrite(window, lambda found: found["records"][0].update(sealed=foreign))
    (error,) = refusals(window).values()
    assert isinstance(error, StoreWrongKey)
    assert error.code == "store_wrong_key"
    assert "sealed with another master key" in str(error)


def test_a_file_that_nobody_touched_opens(window: Window) -> None:
    """Or the tests above would prove nothing."""
    rewrite(window, lambda _: None)
    assert refusals(window) == {}
