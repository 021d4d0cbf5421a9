"""`keyswitch accounts` lists accounts and chooses the active one."""

from __future__ import annotations

import shlex

import click

from application.use_cases.accounts import Chosen
from domain.credential import CredentialKind
from domain.errors import PayerChange
from domain.provider import Provider
from domain.text.untrusted import untrusted_line
from entrypoints.cli.account_report import SCHEMA, show_accounts
from entrypoints.cli.group import AccountName, Command, Family, ProviderName
from entrypoints.cli.home import full, light_up_to_date, run_async
from entrypoints.cli.output import result, result_json
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.cli.selecting import agrees
from entrypoints.exit_code import ExitCode
from entrypoints.words.account_changes import behind_words
from entrypoints.words.accounts import expiry_words


@click.group(
    "accounts",
    cls=Family,
    invoke_without_command=True,
    examples=[
        "keyswitch accounts",
        "keyswitch accounts --json | jq -r '.accounts[] | select(.active) | .account'",
        "keyswitch accounts use claude ben@example.test",
        "keyswitch accounts use claude 1234       (an API key, by its last four characters)",
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
@click.option("--yes", is_flag=True, help="Agree to pay by API key, per token, where a plan paid so far.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def use(*, provider: Provider, account: str, yes: bool, as_json: bool) -> int:
    services = light_up_to_date()

    async def coroutine(*, agreed: bool) -> Chosen:
        async with full(services, with_key=False) as everything:
            return everything.choose_account(provider, account, payer_agreed=agreed)

    try:
        chosen = run_async(coroutine(agreed=yes))
    except PayerChange as change:
        if not agrees(change):
            agree = f"keyswitch accounts use {provider} {shlex.quote(account)} --yes"
            raise PayerChange(provider, change.what, command=agree) from None
        chosen = run_async(coroutine(agreed=True))
    if as_json:
        result_json({"schema": SCHEMA, "chosen": _document(chosen)})
        return ExitCode.OK
    before = "" if chosen.changed else "already "
    is_key = chosen.record.kind is CredentialKind.API_KEY
    words = "" if is_key else f" ({expiry_words(chosen.record, services.clock.now())})"
    result(untrusted_line(f"{provider.label} {before}uses {'the API key ' if is_key else ''}{chosen.name}{words}."))
    result(f"Pays: {chosen.record.payer.label}.")
    if chosen.behind:
        result(untrusted_line(behind_words(chosen)))
    return ExitCode.OK


def _document(chosen: Chosen) -> dict[str, str | bool]:
    return {
        "provider": chosen.record.provider.value,
        "account": chosen.name,
        "pays_with": chosen.record.payer.value,
        "changed": chosen.changed,
    }
