"""`keyswitch login PROVIDER --adopt`."""

from __future__ import annotations

from typing import Any, Final

from domain.credential import CredentialRecord
from domain.provider import Provider
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import CommandError
from entrypoints.cli.home import full, light_up_to_date, run_async
from entrypoints.cli.output import may_ask, result, result_json, say
from entrypoints.exit_code import ExitCode
from entrypoints.words.earlier_programs import IMPORTED_ADVICE

_WARNING: Final = (
    "A sign-in that two programs use ends in both, as soon as the second one renews it. "
    "Once keyswitch has it, the other program has to sign in anew."
)


def adopt(provider: Provider, *, as_json: bool, agreed: bool) -> int:
    """Take over what another program left of *provider*.

    Raises:
        NothingToAdopt, StoreError: As the use case says.
        CommandError: Nobody agreed; nothing was changed.
    """
    if not agreed and not _agrees():
        sentence = f"{_WARNING} Nothing was changed. If you agree: keyswitch login {provider} --adopt --yes"
        raise CommandError(sentence, code="adoption_unconfirmed")
    records = run_async(_story(provider))
    if as_json:
        result_json({"event": "adopted", "provider": provider.value, "accounts": [_document(one) for one in records]})
        return ExitCode.OK
    for record in records:
        result(untrusted_line(f"Took over the {provider.label} {record.kind.label} {record.label}."))
    if any(record.imported for record in records):
        say(IMPORTED_ADVICE)
    return ExitCode.OK


async def _story(provider: Provider) -> tuple[CredentialRecord, ...]:
    async with full(light_up_to_date()) as services:
        return services.adopt(provider)


def _agrees() -> bool:
    if not may_ask():
        return False
    import click

    return click.confirm(untrusted_line(f"{_WARNING} Go on?"), err=True)


def _document(record: CredentialRecord) -> dict[str, Any]:
    return {"account": record.label, "kind": record.kind.value, "imported": record.imported}
