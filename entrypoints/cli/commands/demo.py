"""`keyswitch demo` runs everything on the built-in sandbox."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from domain.errors import UsageError
from domain.records import replace
from domain.text.suggestion import nearest
from entrypoints.cli.group import Command, offered
from entrypoints.cli.home import run_async
from entrypoints.cli.output import is_terminal, result, result_json, signs
from entrypoints.exit_code import ExitCode

if TYPE_CHECKING:
    from entrypoints.rehearsal import Misfortune
    from entrypoints.sandboxed import OpenSandbox
    from entrypoints.tour import Stage, Step


class ScenarioName(click.ParamType[str]):
    """The name of a misfortune."""

    name = "scenario"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if there is such a scenario."""
        from entrypoints.sandboxed import sandbox_scenarios

        known = sandbox_scenarios()
        if value in known:
            return str(value)
        meant = nearest(str(value), known)
        hint = f" Did you mean {meant}?" if meant else ""
        raise UsageError(f'Unknown scenario "{value}".{hint} Scenarios: {", ".join(known)}.')

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the misfortunes that begin with what was typed."""
        from entrypoints.sandboxed import sandbox_scenarios

        known = sandbox_scenarios()
        return [offered(name, line) for name, line in known.items() if name.startswith(incomplete)]


@click.command(
    "demo",
    cls=Command,
    examples=[
        "keyswitch demo",
        "keyswitch demo --script",
        "keyswitch demo --scenario limit",
        "keyswitch demo --list-scenarios",
    ],
    help="Everything on three built-in providers on this machine: no account, no network, and your own home folder "
    "untouched. Without a terminal, the tour of --script.",
)
@click.option("--script", is_flag=True, help="A tour without a screen: each step, what came of it, how long it took.")
@click.option("--json", "as_json", is_flag=True, help="The tour as one JSON object a line.")
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Keep the demo's files there; else they go with it.",
)  # fmt: skip
@click.option("--scenario", type=ScenarioName(), metavar="NAME", help="Rehearse a misfortune once all are signed in.")
@click.option("--list-scenarios", is_flag=True, help="Only say which misfortunes there are.")
def command(*, script: bool, as_json: bool, home: Path | None, scenario: str | None, list_scenarios: bool) -> int:
    if list_scenarios:
        return _list(as_json=as_json)
    from entrypoints.light import protect

    protect()
    from entrypoints.sandboxed import open_sandbox

    scripted = script or as_json or not is_terminal(sys.stdin, sys.stdout)
    # On screen an answer should be seen to stream; a tour need not wait for that.
    pace = 0.0 if scripted else 0.03
    with _folder(home) as folder, open_sandbox(folder, os.environ, chunk_delay=pace) as opened:
        if scripted:
            return run_async(_tell(opened, scenario, as_json=as_json))
        return show_on_screen(opened, scenario, kept=home is not None)


def _list(*, as_json: bool) -> int:
    from entrypoints.sandboxed import sandbox_scenarios

    known = sandbox_scenarios()
    if as_json:
        result_json({"schema": 1, "scenarios": [{"name": name, "what": what} for name, what in known.items()]})
        return ExitCode.OK
    width = max(map(len, known))
    for name, what in known.items():
        result(f"{name:<{width}}  {what}")
    return ExitCode.OK


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="keyswitch-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    own = Path(os.environ.get("CODE_HOME") or "~/.code").expanduser()
    if own.resolve() == home.expanduser().resolve():
        raise UsageError(f"{home} is your own home folder, and the demo would put its providers into it.")
    yield home.expanduser().absolute()


async def _tell(opened: OpenSandbox, scenario: str | None, *, as_json: bool) -> int:
    stage = _stage(opened)
    started, count, differing = monotonic(), 0, 0
    try:
        async for step in _steps(stage, opened, scenario):
            count += 1
            differing += not step.ok
            _print(step, count, as_json=as_json)
    finally:
        await stage.services.close()
    seconds = monotonic() - started
    if as_json:
        result_json({"event": "summary", "steps": count, "differing": differing, "seconds": round(seconds, 3)})
    elif differing:
        result(f"{signs()[False]} {differing} of {count} steps differed, in {seconds:.1f} s.")
    else:
        result(f"{signs()[True]} All {count} steps came out as they should, in {seconds:.1f} s.")
    return ExitCode.ERROR if differing else ExitCode.OK


def _stage(opened: OpenSandbox) -> Stage:
    from entrypoints.sandboxed import sandbox_misfortune
    from entrypoints.tour import Stage

    return Stage(
        services=opened.services(),
        approve=opened.approve,
        requests=opened.requests,
        end_sessions=sandbox_misfortune("ended-session", opened).begin,
    )


def _steps(stage: Stage, opened: OpenSandbox, scenario: str | None) -> AsyncIterator[Step]:
    from entrypoints.tour import Tour

    if scenario is None:
        return Tour(stage=stage).steps()
    from entrypoints.rehearsal import Rehearsal
    from entrypoints.sandboxed import sandbox_misfortune

    return Rehearsal(stage=stage, misfortune=sandbox_misfortune(scenario, opened)).steps()


def _print(step: Step, number: int, *, as_json: bool) -> None:
    if as_json:
        result_json(
            {
                "event": "step",
                "step": number,
                "kind": step.kind,
                "what": step.what,
                "ok": step.ok,
                "seconds": round(step.seconds, 4),
                "details": list(step.details),
                "differs": list(step.differs),
                **step.facts,
            }
        )
        return
    result(f"{signs()[step.ok]} {number:>2}  {step.what}  ({step.seconds * 1000:.0f} ms)")
    for line in step.details:
        result(f"       {line}")
    for line in step.differs:
        result(f"    {signs()[False]} {line}")


def show_on_screen(opened: OpenSandbox, scenario: str | None, *, kept: bool) -> int:
    from entrypoints.chat.options import TuiOptions
    from entrypoints.cli.open_chat import wants_plain
    from entrypoints.tui.run import run

    files = f"Files: {opened.home}" if kept else f"Files: {opened.home}, gone when you leave"
    said = ["Demo: three built-in providers answer; no account, no network", files]
    if opened.used_before and scenario is None:
        said.append("The providers are new ones: sign in again (/login); conversations and settings are still there")
    if scenario is not None:
        misfortune = run_async(_prepared(opened, scenario))
        opened = replace(opened, approve=misfortune.approve)
        said += [f"Rehearsing: {scenario}", misfortune.hint]
    message = " ".join(f"{sentence}." for sentence in said if sentence)
    options = TuiOptions(demo=True, returns=False, message=message, plain=wants_plain())
    light = opened.light()
    return run(light.load, light, options)


async def _prepared(opened: OpenSandbox, scenario: str) -> Misfortune:
    """Sign in everywhere, then let it happen."""
    from entrypoints.sandboxed import sandbox_misfortune
    from entrypoints.tour import Tour

    misfortune = sandbox_misfortune(scenario, opened)
    stage = _stage(opened)
    async for _ in Tour(stage=stage).sign_ins():
        pass
    await stage.services.close()
    await asyncio.to_thread(misfortune.begin)
    return misfortune
