"""`keyswitch agent` lends the use of this machine's sign-ins to others of the same owner."""

from __future__ import annotations

import os
from typing import Any

import click

from application.ports.forwarding.agent import AgentControl, OpenGrant, Wish
from domain.provider import Provider
from domain.text.untrusted import untrusted_line
from entrypoints.cli.forwarding.duration_option import Duration
from entrypoints.cli.group import Command, Family, ProviderName
from entrypoints.cli.home import run_async
from entrypoints.cli.output import result, result_json, timestamp
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.exit_code import ExitCode
from entrypoints.words.local_time import moment_words


@click.group(
    "agent",
    cls=Family,
    invoke_without_command=True,
    examples=[
        "keyswitch agent                        (answers until Ctrl+C)",
        "keyswitch agent open devbox --for 8h   (prints the socket that ssh -R leads to)",
        "keyswitch agent list",
        "keyswitch agent lock                   (cuts every answer at once)",
        "keyswitch agent revoke devbox",
    ],
    help="Lend the use of your sign-ins to your other machines: they get answers through this one, and no token. Who "
    "has your user, or root, on such a machine can ask at your cost for as long as you lend, and take nothing away.",
)
@passphrase_option
@click.pass_context
def command(ctx: click.Context, /) -> int | None:
    if ctx.invoked_subcommand is not None:
        return None
    from entrypoints.cli.forwarding.agent_run import serve_agent

    run_async(serve_agent())
    return ExitCode.OK


@command.command(
    "open",
    cls=Command,
    examples=["keyswitch agent open devbox", "keyswitch agent open devbox --for 8h --provider claude --confirm"],
    help="Lend to HOST until the time is over or you take it back, and print the socket for it. Give that to ssh by "
    "hand; keyswitch ssh HOST does both.",
)
@click.argument("host")
@click.option("--for", "seconds", type=Duration(), metavar="DURATION", help="For how long: 30m, 8h, 2d.")
@click.option("--provider", "providers", type=ProviderName(), multiple=True, help="Only this one; may be repeated.")
@click.option("--confirm", is_flag=True, help="Ask in the agent's terminal, once for each connection.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def lend(*, host: str, seconds: float | None, providers: tuple[Provider, ...], confirm: bool, as_json: bool) -> int:
    opened = _control().open(Wish(host, frozenset(providers or Provider), seconds, confirm))
    if as_json:
        result_json({"schema": 1, **_document(opened)})
    else:
        result(untrusted_line(opened.socket))
    return ExitCode.OK


@command.command(
    "list", cls=Command, examples=["keyswitch agent list"], help="Say what is lent to whom, and until when."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(*, as_json: bool) -> int:
    state = _control().state()
    if as_json:
        grants = [_document(opened) for opened in state.grants]
        result_json({"schema": 1, "pid": state.pid, "locked": state.locked, "grants": grants})
        return ExitCode.OK
    result(f"The agent (process {state.pid}) {'is locked: nobody is answered' if state.locked else 'answers'}.")
    for opened in state.grants:
        result(untrusted_line(_row(opened)))
    if not state.grants:
        result("Nothing is lent.")
    return ExitCode.OK


@command.command(
    "lock", cls=Command, examples=["keyswitch agent lock"], help="Answer nobody until unlock, and cut every answer."
)
def lock() -> int:
    _control().lock(locked=True)
    result("The agent is locked. Every answer was cut.")
    return ExitCode.OK


@command.command("unlock", cls=Command, examples=["keyswitch agent unlock"], help="Answer again what is still lent.")
def unlock() -> int:
    _control().lock(locked=False)
    result("The agent answers again.")
    return ExitCode.OK


@command.command(
    "revoke",
    cls=Command,
    examples=["keyswitch agent revoke devbox"],
    help="Take back all that is lent to HOST, and cut what is being answered.",
)
@click.argument("host")
def revoke(*, host: str) -> int:
    count = _control().revoke(host)
    name = untrusted_line(host)
    result(f"Nothing is lent to {name} any more." if count else f"Nothing was lent to {name}.")
    return ExitCode.OK


def _control() -> AgentControl:
    from entrypoints.light import agent_control

    return agent_control(os.environ)


def _row(opened: OpenGrant) -> str:
    grant = opened.grant
    providers = ", ".join(provider.label for provider in Provider if provider in grant.providers)
    until = (
        "until you take it back" if grant.until is None else f"until {moment_words(grant.until).removeprefix('on ')}"
    )
    when = "over" if opened.over else until
    asks = ", asks you once for each connection" if grant.confirm else ""
    return f"  {grant.host}: {providers}, {when}{asks}; {opened.relayed} requests relayed"


def _document(opened: OpenGrant) -> dict[str, Any]:
    grant = opened.grant
    return {
        "host": grant.host,
        "providers": sorted(grant.providers),
        "until": timestamp(grant.until),
        "confirm": grant.confirm,
        "over": opened.over,
        "socket": opened.socket,
        "relayed": opened.relayed,
        "running": opened.running,
    }
