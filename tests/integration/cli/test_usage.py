"""`keyswitch usage` over a ledger on the disk."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.ledger.sqlite_ledger import NAME, SqliteLedger
from entrypoints.cli.main import main
from tests.contracts.ledger import CHEAPER, PLAN_RECEIPT, UNKNOWN, entry

MONTH = ("usage", "--month", "2026-11")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODE_HOME", str(tmp_path))
    odd = replace(CHEAPER, account="=cmd|'/c calc'!A0")
    with closing(SqliteLedger(home=tmp_path, earlier=tuple)) as ledger:
        for receipt in (CHEAPER, CHEAPER, UNKNOWN, PLAN_RECEIPT, odd):
            ledger.note(entry(replace(receipt, reported=False)))
    return tmp_path


def test_a_month_is_told_to_people_programs_and_spreadsheets(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        assert main([*MONTH, *arguments]) == 0
        return capsys.readouterr().out

    sheet = said()
    assert "2026-11-23" in sheet
    assert "$0.3000 computed here" in sheet
    assert "1 answer with unknown price" in sheet
    document: dict[str, Any] = json.loads(said("--json", "--by", "model"))
    assert (document["first"], document["last"], document["by"]) == ("2026-11-01", "2026-11-30", "model")
    assert (document["total"]["computed_usd"], document["total"]["answers_with_unknown_price"]) == ("0.3", 1)
    assert sum(Decimal(line["computed_usd"]) for line in document["lines"]) == Decimal("0.3")
    accounts = [row[0] for row in csv.reader(said("--csv", "--by", "account").splitlines())]
    assert accounts[0] == "account"
    invoice = list(csv.DictReader(said("--csv", "--invoice").splitlines()))
    assert {row["account"] for row in invoice} == {"ana@example.test", "'=cmd|'/c calc'!A0"}
    assert {row["usd_per_million"] for row in invoice} == {"", "1", "2"}
    assert "price unknown" in said("--invoice")


def test_days_and_months_that_make_no_sense_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in {
        ("--month", "11"): "is no month",
        ("--month", "2026-11", "--since", "2026-11-01"): "--month is one month",
        ("--json", "--csv"): "two ways to write the same",
        ("--since", "yesterday"): "yesterday",
    }.items():
        assert main(["usage", *arguments]) == 2
        assert told in capsys.readouterr().err
    assert main(["usage", "--since", "2027-01-01"]) == 0
    assert "Nothing was used in these days." in capsys.readouterr().out


def test_a_ledger_that_cannot_be_read_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / NAME).write_bytes(b"no database at all, whatever its name says" * 100)
    assert main([*MONTH]) == 7
    assert "ledger.db" in capsys.readouterr().err
