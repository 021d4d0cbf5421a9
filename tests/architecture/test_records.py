"""A record is what `dataclasses` would make of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from domain.records import dataclass
from tests.architecture.tree import ROOT
from tests.support.described_records import described


def test_every_record_behaves_as_the_dataclass_that_it_would_be() -> None:
    made_by_the_library = subprocess.run(
        [sys.executable, "-m", "tests.support.described_records"], cwd=ROOT, check=True, capture_output=True
    )
    wanted = json.loads(made_by_the_library.stdout)
    found = described()
    assert found.keys() <= wanted.keys()
    assert len(found) > 150
    wrong = [
        f"{name}, {what}: {words} in place of {wanted[name][what]}"
        for name, one in found.items()
        for what, words in one.items()
        if words != wanted[name][what]
    ]
    assert wrong == []


@pytest.mark.parametrize("options", [{"frozen": False, "slots": True}, {"frozen": True, "slots": False}])
def test_what_would_not_be_frozen_is_refused(options: dict[str, bool]) -> None:
    with pytest.raises(TypeError, match="frozen"):
        dataclass(**options)
