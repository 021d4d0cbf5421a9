"""`keyswitch ask` puts one question to the selected model."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from domain.errors import KeyswitchError, UsageError
from domain.payment import payment_words
from domain.provider import FIRST, Provider
from domain.selection import Held, Selection
from domain.switching import SwitchTo
from domain.text.untrusted import untrusted_line
from entrypoints.cli.group import Command, ModelName
from entrypoints.cli.home import full, light_to_ask, run_async
from entrypoints.cli.output import is_terminal, piped, say
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.cli.selecting import select, settled
from entrypoints.exit_code import ExitCode
from entrypoints.words.payer import UNKNOWN_HELD

if TYPE_CHECKING:
    from application.auth_manager import AuthManager
    from domain.conversation import Turn
    from domain.conversations.thread import Thread
    from entrypoints.cli.answer import AnswerSink
    from entrypoints.services import LightServices, Services


_MARK: Final = "\ufeff"
"""A byte order mark at the start of a text says how it is stored, and is no part of it."""


class _Asked(NamedTuple):
    """A question, the paths of what comes along, where the answer goes, and how long it may be."""

    question: str
    files: tuple[str, ...]
    output: str | None
    longest: int | None


@click.command(
    "ask",
    cls=Command,
    examples=[
        'keyswitch ask "Why is the sky blue?"',
        'keyswitch ask -m claude-opus-4.1 "Name three risks" -f plan.md -f diagram.png',
        "git diff | keyswitch ask -m sonnet review this",
        'keyswitch ask -c "And in one sentence?" -o summary.md',
    ],
    help="Ask one question and print the answer as it comes. What is piped in is added to the question.",
)
@click.argument("prompt", nargs=-1)
@click.option("-m", "--model", type=ModelName(), metavar="MODEL", help="Ask this model; the saved choice stays.")
@click.option(
    "-f", "--file", "files", multiple=True, metavar="FILE", type=click.Path(),
    help="Send a text, image or PDF along; repeatable.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="Write the answer to this file, as it comes."
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over FILE where it is there already.")
@click.option("-c", "--continue", "continue_last", is_flag=True, help="Go on with the last `ask`.")
@click.option("--no-save", is_flag=True, help="Do not keep this exchange; usage counts it.")
@click.option("--yes", is_flag=True, help="Agree to pay by API key, per token, where a plan paid so far.")
@click.option("--over-limit", is_flag=True, help="Send it although it may cost more than your limits leave.")
@click.option(
    "--max-output", type=click.IntRange(min=1), metavar="TOKENS", help="Let the answer have so many tokens at most."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object at the end.")
@click.option("--jsonl", "as_lines", is_flag=True, help="One JSON object for each piece of the answer.")
@passphrase_option
def command(
    *,
    prompt: tuple[str, ...],
    files: tuple[str, ...],
    output: str | None,
    model: str | None,
    max_output: int | None,
    **how: bool,
) -> int:
    from entrypoints.cli.answer import JsonAnswer, JsonLines, PlainAnswer
    from entrypoints.words.answer_endings import ending_sentence, is_empty

    if output is not None and (how["as_json"] or how["as_lines"]):
        raise UsageError("-o writes the text of the answer; --json and --jsonl go to standard output.")
    home = light_to_ask()
    light, how["no_save"] = home.light, how["no_save"] or not home.saves
    # Decided before a library is loaded, where it does not depend on the conversation.
    selection = _selection(light, model, None, **how) if not how["continue_last"] else None
    asked = _Asked(_question(" ".join(prompt), given=bool(files)), files, output, max_output)
    sink = JsonLines() if how["as_lines"] else JsonAnswer() if how["as_json"] else PlainAnswer()
    answer = run_async(_story(light, asked, selection, model, sink, **how))
    if ending := ending_sentence(answer):
        say(ending)
    return ExitCode.ERROR if is_empty(answer) else ExitCode.OK


def _selection(light: LightServices, model: str | None, held: Held | None, **how: bool) -> Selection:
    """What answers: the model that was named, else what the conversation holds on to, else what config says."""
    if model is not None:
        agree = f"keyswitch ask {'-c ' if how['continue_last'] else ''}-m {shlex.quote(model)} --yes"
        return _told(select(light.auth, model, save=False, agreed=how["yes"], agree=agree, current=held))
    snapshot = light.auth.snapshot(held=held.credential if held else None)
    if held is not None:
        return _told(settled(snapshot.resumed(held), agree=""))
    for notice in snapshot.settings.notices:
        say(notice)
    selection, settings = snapshot.selection, snapshot.settings
    if selection is not None:
        as_chosen = settings.active_auth_provider in (None, selection.mode)
        payment = "" if as_chosen else payment_words(selection, snapshot.given.now.date())
        return _told(SwitchTo(selection, payment))
    name = settings.model or (snapshot.preset or snapshot.catalogue.default_for(_only_one(light.auth))).id
    # Not applicable as it stands, or nothing chosen yet: the refusal says why, or how.
    switch = light.auth.switch_provider(name, save=False)
    return _told(settled(switch, agree=f"keyswitch use {shlex.quote(name)} --yes"))


def _told(switch: SwitchTo) -> Selection:
    """The selection, with what is to be known before anything is sent: who answers, and who pays if that is new."""
    for line in switch.remarks:
        say(line)
    return switch.selection


def _only_one(auth: AuthManager) -> Provider:
    """The one provider that could answer, or whose sign-in `keyswitch login` begins.

    Raises:
        UsageError: Several could: nobody's money is spent by a guess.
    """
    able = auth.logged_in_providers()
    if len(able) > 1:
        who = " and ".join(provider.label for provider in able)
        raise UsageError(
            f"No model is selected, and {who} could answer. Choose one: keyswitch use MODEL, or ask -m MODEL."
        )
    return able[0] if able else FIRST


def _question(prompt: str, *, given: bool) -> str:
    """What is asked in words; nothing may be where a file is *given*."""
    parts = [prompt]
    if not is_terminal(sys.stdin):
        parts.append(piped())
    parts = [part.lstrip(_MARK) for part in parts]
    question = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    if not question and not given:
        raise UsageError('There is no question: write one, as in keyswitch ask "Why is the sky blue?", or pipe it in.')
    return question


async def _story(
    light: LightServices,
    asked: _Asked,
    selection: Selection | None,
    model: str | None,
    sink: AnswerSink,
    **how: bool,
) -> Turn:
    """The answer. *selection* is None where the conversation that goes on decides."""
    from contextlib import aclosing

    from application.ports.chat_client import TextDelta
    from application.use_cases.past import Joined, LeftOut
    from application.use_cases.send_message import Answered
    from domain.spending.limits import Once
    from entrypoints.cli.answer import FileAnswer
    from entrypoints.words.attachments import left_out_lines
    from entrypoints.words.past import BY_A_COMMAND, past_line

    async with full(light) as services:
        thread = _thread(services, light, continue_last=how["continue_last"], save=not how["no_save"])
        if selection is None:
            if model is None and thread.held is None:
                say(UNKNOWN_HELD)
            selection = _selection(light, model, thread.held, **how)
        files = tuple(map(services.attachable.read, asked.files))
        for line in left_out_lines(thread.conversation.turns, files, selection):
            say(line)
        if asked.output is not None:
            name = untrusted_line(asked.output)
            sink = FileAnswer(services.output_files.open(asked.output, over=how["force"]), name)
        thread.once = Once(asked.question, over_limit=how["over_limit"], longest=asked.longest)
        texts: list[str] = []
        try:
            async with aclosing(services.send(thread, asked.question, selection, files)) as events:
                async for event in events:
                    if isinstance(event, Answered):
                        sink.complete(event.answer)
                        return event.answer
                    if isinstance(event, Joined | LeftOut):
                        say(past_line(event, selection.answering.model.label, BY_A_COMMAND))
                        continue
                    sink.take(event)
                    if isinstance(event, TextDelta):
                        texts.append(event.text)
        except KeyswitchError as error:
            error.answer_so_far = "".join(texts)
            raise
        finally:
            sink.end()
    raise AssertionError("a stream without an error ends with the answer")


def _thread(services: Services, light: LightServices, **how: bool) -> Thread:
    from uuid import uuid4

    from domain.conversation import Conversation, Origin
    from domain.conversations.thread import Thread

    if not how["continue_last"]:
        begun = Conversation(id=uuid4().hex, started=light.clock.now(), origin=Origin.ASK)
        return Thread(begun, saved=how["save"])
    last = services.conversations.latest(origin=Origin.ASK)
    if last is None:
        raise UsageError("There is no conversation to go on with yet.")
    return Thread(last, saved=how["save"], held=last.held)
