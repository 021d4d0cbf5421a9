"""`keyswitch refresh` renews what is due."""

from __future__ import annotations

from typing import Any

import click

from application.auth_manager import RenewalOutcome
from domain.credential import CredentialRecord
from domain.errors import SignInNeeded
from domain.forwarding.only_there import only_there
from domain.provider import Provider
from domain.switching import is_away
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import error_document, remedy, report
from entrypoints.cli.group import Command, ProviderName
from entrypoints.cli.home import full, light, light_up_to_date, run_async
from entrypoints.cli.output import result, result_json, say
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.exit_code import ExitCode
from entrypoints.words.errors import exit_code


@click.command(
    "refresh",
    cls=Command,
    examples=["keyswitch refresh", "keyswitch refresh claude", "keyswitch refresh --force"],
    help="Renew the sign-ins that are due, of PROVIDER or of all. This happens by itself before a message is sent.",
)
@click.argument("provider", type=ProviderName(), required=False)
@click.option("--force", is_flag=True, help="Renew fresh ones as well.")
@click.option(
    "--here", is_flag=True, help="This home is a copy: renew its sign-ins here from now on, and there no longer."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def command(*, provider: Provider | None, force: bool, here: bool, as_json: bool) -> int:
    outcomes = run_async(_renew(provider, force=force, here=here))
    if not outcomes and provider is not None:
        if any(is_away(one) for one in light().auth.snapshot().credentials if one.provider is provider):
            raise only_there(provider, f"keyswitch refresh {provider}")
        raise SignInNeeded(provider, "Renewing")
    if as_json:
        result_json({"schema": 1, "outcomes": [_document(outcome) for outcome in outcomes]})
    for outcome in outcomes:
        if outcome.error is not None:
            report(outcome.error, as_json=False)
        elif not as_json:
            result(untrusted_line(_sentence(outcome)))
    if not outcomes:
        say("Nobody is signed in, so there is nothing to renew.")
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    return exit_code(failed[0]) if failed else ExitCode.OK


async def _renew(provider: Provider | None, *, force: bool, here: bool) -> tuple[RenewalOutcome, ...]:
    async with full(light_up_to_date(), quiet=here) as services:
        if here:
            for record in services.go_on_here():
                say(untrusted_line(_moved(record)))
        return await services.light.auth.refresh_all_tokens(provider, force=force)


def _moved(record: CredentialRecord) -> str:
    who = f"{record.provider.label} ({record.label})"
    there = f"{who} is renewed here from now on, and no longer in {record.elsewhere}"
    return f"{there}. A place on this machine knows that now; on another machine run: keyswitch logout --all --local"


def _sentence(outcome: RenewalOutcome) -> str:
    who = f"{outcome.record.provider.label} ({outcome.record.label})"
    if outcome.put_off:
        return f"{who}: still good, and could not be renewed now ({outcome.put_off})"
    return f"{who}: renewed" if outcome.renewed else f"{who}: still good, nothing to renew"


def _document(outcome: RenewalOutcome) -> dict[str, Any]:
    document = {
        "provider": outcome.record.provider.value,
        "account": outcome.record.label,
        "renewed": outcome.renewed,
    }
    document |= {"put_off": outcome.put_off} if outcome.put_off else {}
    return document | ({"error": error_document(outcome.error, remedy(outcome.error))} if outcome.error else {})
