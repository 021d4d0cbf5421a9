"""Findings of a diagnosis in words, for the command line and the terminal app alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.finding import Area, Finding, Verdict
from domain.text.untrusted import untrusted_line

SIGNS: Final = {Verdict.OK: "✅", Verdict.WARNING: "⚠️", Verdict.PROBLEM: "❌"}
ASCII_SIGNS: Final = {Verdict.OK: "[ok]", Verdict.WARNING: "[!]", Verdict.PROBLEM: "[x]"}

_WIDTH: Final = max(map(len, Area))
_WORD_WIDTH: Final = max(map(len, Verdict))


def finding_lines(finding: Finding, signs: Mapping[Verdict, str]) -> list[str]:
    """`[x] problem  clock  ...`, and below it the fix where there is one. Safe for a terminal."""
    verdict = finding.verdict
    head = f"{signs[verdict]} {verdict:<{_WORD_WIDTH}} {finding.area:<{_WIDTH}} {untrusted_line(finding.what)}"
    return [head, f"     fix: {untrusted_line(finding.fix)}"] if finding.fix else [head]


def summary(findings: Sequence[Finding]) -> str:
    """One sentence on all of them."""
    problems = sum(finding.verdict is Verdict.PROBLEM for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if problems == 0 and warnings == 0:
        return "Everything is in order."
    counts = [_count(problems, "problem"), _count(warnings, "warning")]
    return f"{' and '.join(filter(None, counts))}. Nothing was changed."


def findings_document(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings for programs."""
    return [
        {
            "area": finding.area.value,
            "verdict": finding.verdict.value,
            "what": untrusted_line(finding.what),
            "fix": untrusted_line(finding.fix),
        }
        for finding in findings
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
