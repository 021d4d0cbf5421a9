"""What is said of sign-ins that other programs made or keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.credential import CredentialKind

if TYPE_CHECKING:
    from application.use_cases.status import StatusReport
    from domain.earlier_sign_in import EarlierSignIn

IMPORTED_ADVICE: Final = (
    "The ChatGPT sign-in was made by another program, in an older way, and goes on working. "
    "A fresh one is recommended: keyswitch login chatgpt"
)


def other_programs(report: StatusReport) -> list[str]:
    """What a person should know of sign-ins that other programs made or keep, a line each."""
    lines = []
    if any(status.credential and status.credential.imported for status in report.providers):
        lines.append(IMPORTED_ADVICE)
    lines += [left_words(sign_in) for sign_in in report.earlier_sign_ins if sign_in.why]
    for sign_in in report.earlier_sign_ins:
        if sign_in.provider is None or sign_in.why:
            continue
        whose = f" ({sign_in.label})" if sign_in.label else ""
        noun = "API key" if sign_in.kind is CredentialKind.API_KEY else "sign-in"
        found = f"Found, not adopted: a {sign_in.provider.label} {noun} of another program{whose} in {sign_in.place}."
        lines.append(f"{found} To take it over: {adopt_command(sign_in)}" if sign_in.adoptable else found)
    return lines


def left_words(sign_in: EarlierSignIn) -> str:
    """What lies in our home and is nothing to take over, and that it stays."""
    whose = f"a {sign_in.provider.label} sign-in" if sign_in.provider else "something of another program"
    return f"Found, and left where it is: {whose} in {sign_in.place} ({sign_in.why})."


def adopt_command(sign_in: EarlierSignIn) -> str:
    """The command that takes *sign_in* over, or "" where nothing may."""
    return f"keyswitch login {sign_in.provider} --adopt" if sign_in.adoptable else ""
