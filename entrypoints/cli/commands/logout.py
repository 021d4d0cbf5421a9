"""`keyswitch logout` ends sessions."""

from __future__ import annotations

import click

from application.ports.oauth_client import Revocation
from application.use_cases.sign_out import SignedOut
from domain.accounts import find_account
from domain.credential import CredentialKey, CredentialKind
from domain.provider import Provider
from domain.switching import is_away
from domain.text.untrusted import untrusted_line
from entrypoints.cli.group import AccountName, Command, ProviderName
from entrypoints.cli.home import full, light_up_to_date, run_async
from entrypoints.cli.output import result, result_json, say
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.exit_code import ExitCode
from entrypoints.services import LightServices
from entrypoints.words.accounts import unchosen_words


@click.command(
    "logout",
    cls=Command,
    examples=[
        "keyswitch logout claude",
        "keyswitch logout claude --account ben@example.test",
        "keyswitch logout --all",
        "keyswitch logout gemini --local",
    ],
    help="Forget the sign-ins and keys of PROVIDER on this machine, or one of them, then ask it to end them on its "
    "side.",
)
@click.argument("provider", type=ProviderName(), required=False)
@click.option("--account", type=AccountName(), metavar="NAME", help="This account or key only.")
@click.option("--all", "everyone", is_flag=True, help="All providers.")
@click.option("--local", is_flag=True, help="Do not ask the provider; only forget here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def command(*, provider: Provider | None, account: str | None, everyone: bool, local: bool, as_json: bool) -> int:
    if (provider is None) is not everyone:
        raise click.UsageError("Name one provider, or --all.", click.get_current_context())
    if provider is None and account is not None:
        raise click.UsageError("--account is one account of one provider.", click.get_current_context())
    services = light_up_to_date()
    key = find_account(account, provider, services.auth.snapshot().credentials).key if provider and account else None
    wanted = tuple(Provider) if provider is None else (provider,)
    gone, returned = run_async(_sign_out(services, wanted, account=key, revoke=not local))
    if as_json:
        result_json({"schema": 1, "signed_out": [_document(one) for one in gone], "profile_returned": returned})
        return ExitCode.OK
    for one in gone:
        result(untrusted_line(sentence(one, asked=not local)))
    if returned is not None:
        result(
            untrusted_line(f'The profile "{returned}" of Anthropic\'s tool is not used any more. It was not changed.')
        )
    elif not gone:
        say("Nobody was signed in." if provider is None else f"{provider.label} was not signed in.")
    lent = [one.provider for one in services.auth.snapshot().credentials if is_away(one) and one.provider in wanted]
    for lender in dict.fromkeys(lent):
        say(f"{lender.label} is still lent by your laptop. On the laptop, run: keyswitch logout {lender}")
    for status in services.auth.status().providers:
        if status.unchosen:
            say(unchosen_words(status))
    return ExitCode.OK


async def _sign_out(
    light_ones: LightServices, providers: tuple[Provider, ...], *, account: CredentialKey | None, revoke: bool
) -> tuple[list[SignedOut], str | None]:
    """What is gone, and the borrowed profile that is not used any more."""
    async with full(light_ones, with_key=revoke) as services:
        gone = [
            one for provider in providers for one in await services.sign_out(provider, account=account, revoke=revoke)
        ]
        returned = services.borrow_profile.end() if account is None and Provider.CLAUDE in providers else None
        return gone, returned


def sentence(gone: SignedOut, *, asked: bool) -> str:
    """What is gone here, and what the provider said to it."""
    label, vendor = gone.record.provider.label, gone.record.provider.vendor
    if gone.record.kind is CredentialKind.API_KEY:
        return f"Forgot the {label} API key {gone.record.label}. It stays valid until you delete it at {vendor}."
    here = f"Signed out of {label} ({gone.record.label})"
    if not asked:
        return f"{here} on this machine. {vendor} was not asked to end the session."
    return f"{here}. {_ANSWERS[gone.revocation].format(vendor=vendor)}"


_ANSWERS = {
    Revocation.CONFIRMED: "{vendor} confirmed that the session is over.",
    Revocation.UNCONFIRMED: "{vendor} did not confirm that the session is over; end it in your account there.",
    Revocation.UNREADABLE: "Its tokens could not be read, so {vendor} was not asked to end the session; "
    "end it in your account there.",
    Revocation.ELSEWHERE: "{vendor} was not asked to end the session: it goes on in the place that this was a copy of.",
    Revocation.WITHHELD: "{vendor} was not asked to end the session: that would end your newer sign-in as well.",
    Revocation.NOT_OFFERED: "{vendor} offers no way to end the session from here; end it in your account there.",
}


def _document(gone: SignedOut) -> dict[str, str]:
    return {
        "provider": gone.record.provider.value,
        "account": gone.record.label,
        "kind": gone.record.kind.value,
        "revocation": gone.revocation.value,
    }
