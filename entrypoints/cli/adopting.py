"""`keyswitch login PROVIDER --adopt`."""

from __future__ import annotations

from typing import Any, Final

from domain.credential import CredentialRecord
from domain.errors import UsageError
from domain.provider import Provider
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import ExitCode
from entrypoints.cli.home import full, light_up_to_date, run_async
from entrypoints.cli.output import may_ask, result, result_json, say
from entrypoints.words.shared import IMPORTED_ADVICE

_WARNING: Final = (
    "A sign-in that two programs use ends in both, as soon as the second one renews it. "
    "Once keyswitch has it, the other program has to sign in anew."
)


class AdoptionUnconfirmed(UsageError):
    """Nobody was there to agree that another program loses its sign-in."""

    code = "adoption_unconfirmed"

    def __init__(self, provider: Provider) -> None:
        super().__init__(f"{_WARNING} Nothing was changed. If you agree: keyswitch login {provider} --adopt --yes")


def adopt(provider: Provider, *, as_json: bool, agreed: bool) -> int:
    """Take over what another program left of *provider*.

    Raises:
        NothingToAdopt, StoreError: As the use case says.
        AdoptionUnconfirmed: Nobody agreed; nothing was changed.
    """
    if not agreed and not _agrees():
        raise AdoptionUnconfirmed(provider)
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
