"""`keyswitch login` signs in, or stores an API key."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import click

from application.sign_in.keep import Whose
from application.sign_in.sign_in import ATTEMPT_SECONDS, SignedIn
from application.use_cases.api_key import StoredKey
from domain.accounts import find_account
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError, NoClient
from domain.provider import FIRST, Provider
from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import error_document, remedy, report
from entrypoints.cli.group import AccountName, Command, ProviderName
from entrypoints.cli.home import full, light, light_up_to_date, run_async
from entrypoints.cli.output import is_terminal, result, result_json, say
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.cli.piped_key import piped_key
from entrypoints.exit_code import ExitCode
from entrypoints.words.account_changes import key_stored_words
from entrypoints.words.accounts import expiry_words, plan_use, plan_use_off_words
from entrypoints.words.errors import exit_code
from entrypoints.words.sign_in import after_sign_in, signed_in_words


@click.command(
    "login",
    cls=Command,
    examples=[
        "keyswitch login                          (ChatGPT)",
        "keyswitch login claude",
        "keyswitch login --provider=gemini --no-browser",
        "keyswitch login claude --device          (a code to type in on another device)",
        "keyswitch login claude --add             (one more account, beside those that are there)",
        "keyswitch login claude --account ben@example.test",
        "keyswitch login claude --api-key < key.txt",
        "keyswitch login claude --api-key --add --account work < key.txt",
        "keyswitch login --status",
    ],
    help="Sign in to PROVIDER (chatgpt, claude or gemini; without one, chatgpt) in your browser.",
)
@click.argument("provider", type=ProviderName(), required=False)
@click.option("--provider", "named", type=ProviderName(), metavar="NAME", help="The same as PROVIDER.")
@click.option("--status", is_flag=True, help="Only say who is signed in.")
@click.option("--api-key", is_flag=True, help="Store an API key, from a hidden question or standard input.")
@click.option(
    "--profile", metavar="NAME", help="Claude: use a sign-in that Anthropic's own tool keeps (ant auth login)."
)
@click.option(
    "--account",
    type=AccountName(),
    metavar="NAME",
    help="Sign this account in again, and no other; with --api-key, the name of the key.",
)
@click.option("--add", is_flag=True, help="One more account, or API key; the active one stays active.")
@click.option("--adopt", is_flag=True, help="Take over a sign-in that another program left in the home folder.")
@click.option("--yes", is_flag=True, help="With --adopt: do not ask.")
@click.option("--no-browser", is_flag=True, help="Open no browser; print the address only.")
@click.option("--paste", is_flag=True, help="Open no browser and no port; paste the address that the browser ends on.")
@click.option("--device", is_flag=True, help="Show a code to type in on another device, where the server offers that.")
@click.option(
    "--timeout", type=click.FloatRange(min=1, max=3600), default=ATTEMPT_SECONDS, metavar="SECONDS",
    help=f"Give up after so long; {ATTEMPT_SECONDS:.0f} by default.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@passphrase_option
def command(*, provider: Provider | None, named: Provider | None, status: bool, as_json: bool, **how: Any) -> int:
    if provider is not None and named is not None and provider is not named:
        raise click.UsageError(f"Both {provider} and {named} are named; name one.", click.get_current_context())
    if how["add"] and how["account"] is not None and not how["api_key"]:
        raise click.UsageError("--add is for a further account, --account for one that is there.")
    if how["device"] and (how["paste"] or how["no_browser"]):
        raise click.UsageError("--device opens no browser here and takes nothing that is pasted; use it alone.")
    if status:
        from entrypoints.cli.status_report import show_status

        return show_status(as_json=as_json)
    wanted = provider or named or FIRST
    try:
        if how["profile"] is not None:
            return _borrow(wanted, how["profile"], as_json=as_json)
        if how["adopt"]:
            from entrypoints.cli.adopting import adopt

            return adopt(wanted, as_json=as_json, agreed=how["yes"])
        if how["api_key"]:
            return _store_key(wanted, how["account"] or "", add=how["add"], as_json=as_json)
        return _sign_in(wanted, as_json=as_json, **how)
    except KeyswitchError as error:
        return _failed(error, as_json=as_json)


def _sign_in(provider: Provider, *, as_json: bool, **how: Any) -> int:
    done = run_async(_story(provider, as_json=as_json, **how))
    if as_json:
        result_json({**_signed_in_document(done.record, done.name), "not_granted": list(done.not_granted)})
        return ExitCode.OK
    result(untrusted_line(signed_in_words(done.record, done.name)))
    result(f"The sign-in {expiry_words(done.record, light().clock.now())}.")
    for line in after_sign_in(done.record, done.not_granted):
        result(line)
    if done.record.plan_use_off:
        result(plan_use_off_words(provider))
    if not done.record.active:
        command = f"keyswitch accounts use {provider} {shlex.quote(done.name)}"
        result(untrusted_line(f"{provider.label} goes on with the account that was active. To use this one: {command}"))
    for line in done.selected.lines if done.selected else ():
        result(line)
    return ExitCode.OK


async def _story(provider: Provider, *, as_json: bool, **how: Any) -> SignedIn:
    from entrypoints.cli.sign_in import JsonDialog, PastedLines, TerminalDialog

    by_hand = how["no_browser"] or how["paste"]
    light_ones = light_up_to_date()
    whose = Whose(further=how["add"])
    if how["account"] is not None:
        known = light_ones.auth.snapshot().credentials
        whose = Whose(find_account(how["account"], provider, known, keys=False).key)
    async with full(light_ones) as services:
        pasted = PastedLines(stream=sys.stdin)
        dialog = JsonDialog(pasted=pasted) if as_json else TerminalDialog(pasted=pasted)
        if how["device"]:
            return await services.sign_in.by_device(provider, dialog, whose=whose, seconds=how["timeout"])
        with pasted:
            return await services.sign_in.by_browser(
                provider, dialog, whose=whose, open_browser=not by_hand, listen=not how["paste"], seconds=how["timeout"]
            )


def _store_key(provider: Provider, name: str, *, add: bool, as_json: bool) -> int:
    from entrypoints.light import protect

    protect()
    value = _asked_for(provider)

    async def coroutine() -> StoredKey:
        async with full(light_up_to_date()) as services:
            return services.store_api_key(provider, value, name=name, add=add)

    stored = run_async(coroutine())
    if as_json:
        replaced = stored.replaced.label if stored.replaced else None
        result_json(_signed_in_document(stored.record, stored.record.label) | {"replaced": replaced})
        return ExitCode.OK
    for line in key_stored_words(stored):
        result(untrusted_line(line))
    return ExitCode.OK


def _borrow(provider: Provider, name: str, *, as_json: bool) -> int:
    if provider is not Provider.CLAUDE:
        raise click.UsageError("Only Claude has profiles: keyswitch login claude --profile NAME.")

    async def coroutine() -> CredentialRecord:
        async with full(light_up_to_date()) as services:
            return services.borrow_profile(name)

    record = run_async(coroutine())
    if as_json:
        result_json(_signed_in_document(record, record.label))
        return ExitCode.OK
    result(untrusted_line(f'Using the profile "{record.label}" of Anthropic\'s tool. Pays: {record.payer.label}.'))
    result("keyswitch reads it and never renews or changes it.")
    return ExitCode.OK


def _asked_for(provider: Provider) -> Secret:
    if is_terminal(sys.stdin):
        return Secret(click.prompt(untrusted_line(f"{provider.label} API key (hidden)"), hide_input=True, err=True))
    return piped_key(sys.stdin)


def _failed(error: KeyswitchError, *, as_json: bool) -> int:
    if as_json:
        document = error_document(error, remedy(error))
        result_json({"event": "failed", "provider": document.get("provider"), "error": document})
    report(error, as_json=False)
    if isinstance(error, NoClient):
        for line in error.provider.facts.client_help:
            say(f"  {line}")
    return exit_code(error)


def _signed_in_document(record: CredentialRecord, name: str) -> dict[str, Any]:
    return {
        "event": "signed_in",
        "provider": record.provider.value,
        "account": name,
        "active": record.active,
        "kind": record.kind.value,
        "pays_with": record.payer.value,
        "plan_use": plan_use(record),
    }
