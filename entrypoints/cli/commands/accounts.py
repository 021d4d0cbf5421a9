"""`keyswitch accounts`."""

from __future__ import annotations

import click

from application.use_cases.choose_account import Chosen
from domain.provider import Provider
from domain.untrusted import untrusted_line
from entrypoints.cli.account_report import SCHEMA, show_accounts
from entrypoints.cli.failure import ExitCode
from entrypoints.cli.group import AccountName, Command, Family, ProviderName
from entrypoints.cli.home import full, light_up_to_date, run_async
from entrypoints.cli.output import result, result_json
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.wording import expiry_words


@click.group(
    "accounts",
    cls=Family,
    invoke_without_command=True,
    examples=[
        "keyswitch accounts",
        "keyswitch accounts --json | jq -r '.accounts[] | select(.active) | .account'",
        "keyswitch accounts use claude ben@example.test",
        "keyswitch login claude --add             (signs in one more)",
    ],
    help="List who is signed in. A provider may have several accounts; one of them is active, and answers. Only you "
    "change which: nothing rotates among accounts by itself.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object; never a token.")
@click.pass_context
def command(ctx: click.Context, /, *, as_json: bool) -> int | None:
    return show_accounts(as_json=as_json) if ctx.invoked_subcommand is None else None


@command.command(
    "use",
    cls=Command,
    examples=["keyswitch accounts use claude ben@example.test", "keyswitch accounts use chatgpt work"],
    help="Let ACCOUNT answer for PROVIDER in conversations that begin from now on; one that is open keeps its own. The "
    "beginning of its name is enough where only one account begins so.",
)
@click.argument("provider", type=ProviderName())
@click.argument("account", type=AccountName())
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def use(*, provider: Provider, account: str, as_json: bool) -> int:
    services = light_up_to_date()

    async def story() -> Chosen:
        async with full(services, with_key=False) as everything:
            return everything.choose_account(provider, account)

    chosen = run_async(story())
    if as_json:
        result_json({"schema": SCHEMA, "chosen": _document(chosen)})
        return ExitCode.OK
    before = "" if chosen.changed else "already "
    words = expiry_words(chosen.record, services.clock.now())
    result(untrusted_line(f"{provider.label} {before}uses {chosen.name} ({words})."))
    result(f"Pays: {chosen.record.payer.label}.")
    return ExitCode.OK


def _document(chosen: Chosen) -> dict[str, str | bool]:
    return {
        "provider": chosen.record.provider.value,
        "account": chosen.name,
        "pays_with": chosen.record.payer.value,
        "changed": chosen.changed,
    }
