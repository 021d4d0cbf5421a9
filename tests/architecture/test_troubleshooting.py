"""Every code that a person or a script can meet is explained, and the page explains no other."""

from __future__ import annotations

import re
from pathlib import Path

from entrypoints.words.errors import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"

ELSEWHERE = {"crash"}
"""Codes that belong to no error of ours: what the outermost frame says of a bug."""


def explained() -> set[str]:
    rows = [line.split("|")[1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`(\w+)`", row)}


def test_the_page_has_a_row_for_every_code_and_no_other() -> None:
    assert explained() == set(ROWS) | ELSEWHERE


def test_the_guides_and_pages_that_it_points_to_exist() -> None:
    for place in re.findall(r"\]\(([\w/.-]+\.md)\)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / place).is_file(), place
