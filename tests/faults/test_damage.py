"""Every bit of a store of three sessions turned over, and every length it can be cut to; of the kept files likewise.

Nothing goes unnoticed, nothing whole is lost, no face takes damage for a missing sign-in, and what the good copy holds
comes back. `KEYSWITCH_FAULT_SCALE=1000` looks at the words, and writes, for every single one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.earlier_programs.take_over import EarlierFiles
from adapters.master_key.in_file import KeyFile
from adapters.providers.binding import bound
from adapters.providers.profile import load_profile
from adapters.session_store.originals import Originals
from domain.errors import KeyswitchError
from tests.support.damaged_store import damaged_store, flipped
from tests.support.earlier_files import accounts, an_account, flat, written
from tests.support.fault_scale import SCALE, chances, sample
from tests.support.fixed_clock import FixedClock

PARTS: Final = 8
"""Of the work, so that several processes can share it."""

WRITTEN_TO: Final = 60
"""Damaged files of each part that are written to as well, which waits for the disk."""

LOOKED_AT: Final = 150
"""Damaged files of each part of which every face is asked."""


def damage(good: bytes) -> Iterator[bytes]:
    """Every one-bit error, and every cut."""
    for place in range(len(good)):
        for bit in range(8):
            yield flipped(good, place, bit)
    for length in range(len(good)):
        yield good[:length]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_flip_and_no_cut_goes_unnoticed_or_costs_a_neighbour(part: int) -> None:
    with damaged_store() as store:
        mine = sample(islice(damage(store.good), part, None, PARTS), f"damage of part {part}")
        for case in mine:
            store.check(case)
        chance = chances(f"damage {part}")
        for case in chance.sample(mine, min(len(mine), round(LOOKED_AT * SCALE))):
            store.check_words(case)
        for case in chance.sample(mine, min(len(mine), round(WRITTEN_TO * SCALE))):
            store.check_writing(case)
        figures = store.figures
    sys.stdout.write(f"| damage, part {part + 1} of {PARTS} of {9 * len(store.good)} | {figures} |\n")
    assert figures.cases == len(mine)
    assert figures.restored > figures.without_effect > 0
    assert figures.noticed > 0
    assert figures.written > 0


def test_no_flip_and_no_cut_of_the_kept_files_goes_unnoticed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    key_alone = an_account("one", mode="apikey", openai_api_key="sk-fake-1234")
    originals = {"auth.json": written(flat()), "auth_accounts.json": written(accounts(key_alone))}
    for name, content in originals.items():
        (home / name).write_bytes(content)
    keys = KeyFile(home=home)

    def to_its_provider(credential: Any) -> Any:
        return bound(credential, load_profile(credential.record.provider, {}))

    EarlierFiles(home=home, keys=keys, bind=to_its_provider, clock=FixedClock()).take_over()
    files, key = Originals(home), keys.fetch()
    assert key is not None
    good = files.path.read_bytes()
    lines = {name: line.rstrip(b",") for name, line in zip(originals, good.splitlines()[1:], strict=False)}

    for case in sample(damage(good), "damage of the kept files"):
        files.path.write_bytes(case)
        try:
            entries = files.entries()
        except KeyswitchError:
            continue  # as a whole, and it stays as it is
        found: dict[str, bytes] = {}
        for entry in entries:
            try:
                content = files.content(entry, key)
            except KeyswitchError:
                continue
            assert entry.about is not None
            found[entry.about.file] = content
        assert found.items() <= originals.items()
        assert all(found.get(name) == originals[name] for name, line in lines.items() if line in case)
        assert files.path.read_bytes() == case
