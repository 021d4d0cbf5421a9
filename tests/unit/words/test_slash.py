"""What a line that starts with a slash means."""

from __future__ import annotations

from unittest.mock import Mock, _Call, call, create_autospec

import pytest

from domain.errors import UnknownName, UsageError
from domain.provider import Provider
from entrypoints.chat import slash
from entrypoints.chat.controller import ChatController
from entrypoints.chat.copying import Copying
from entrypoints.chat.kept_conversations import KeptConversations
from entrypoints.chat.parking.outbox import OutboxController
from entrypoints.chat.picking.preferring import Preferring
from entrypoints.chat.spending.spending import Spending
from entrypoints.chat.usage.usage_controller import UsageController
from entrypoints.export.formats import ExportFormat

MEANS: dict[str, _Call] = {
    "/model": call.pick_model(""),
    "/model -": call.pick_model("-"),
    "/model GPT-5.1 Medium": call.pick_model("GPT-5.1 Medium"),
    "/login": call.sign_in(None, "", add=False),
    "/login --provider=claude": call.sign_in(Provider.CLAUDE, "", add=False),
    "/login --provider gemini": call.sign_in(Provider.GEMINI, "", add=False),
    "/login anthropic": call.sign_in(Provider.CLAUDE, "", add=False),
    "/login --add": call.sign_in(None, "", add=True),
    "/login claude --account=ben": call.sign_in(Provider.CLAUDE, "ben", add=False),
    "/login --status": call.show_accounts(),
    "/login --provider=claude --api-key": call.enter_key(Provider.CLAUDE),
    "/login --api-key": call.enter_key(None),
    "/logout": call.sign_out(None, ""),
    "/logout chatgpt": call.sign_out(Provider.CHATGPT, ""),
    "/logout claude --account ben": call.sign_out(Provider.CLAUDE, "ben"),
    "/accounts": call.show_accounts(),
    "/status": call.show_accounts(),
    "/accounts use claude ana b": call.use_account(Provider.CLAUDE, "ana b"),
    "/attach": call.attach(""),
    "/attach my file.png": call.attach("my file.png"),
    "/attach -": call.attach("-"),
    "/new": call.begin_anew(),
    "/edit": call.edit(""),
    "/edit in other words": call.edit("in other words"),
    "/edit -": call.edit("-"),
    "/retry": call.retry(),
    "/copy": call.copying.copy(None),
    "/copy 2": call.copying.copy(2),
    "/usage": call.usage.show([]),
    "/usage model 2026-11": call.usage.show(["model", "2026-11"]),
    "/theme": call.preferring.choose_theme(""),
    "/theme light": call.preferring.choose_theme("light"),
    "/mouse off": call.preferring.use_mouse("off"),
    "/outbox": call.outbox.show(),
    "/outbox send 1": call.outbox.send_numbered("1"),
    "/outbox send 2 GPT-5.1 Medium": call.outbox.send_numbered("2", "GPT-5.1 Medium"),
    "/outbox edit 1": call.outbox.edit_numbered("1"),
    "/outbox drop 1": call.outbox.drop_numbered("1"),
    "/outbox undo": call.outbox.undo(),
    "/doctor": call.diagnose(),
    "/chats": call.kept.show(),
    "/chats 2": call.kept.open_numbered(2),
    "/chats remove 2": call.kept.remove_numbered(2),
    "/chats restore": call.kept.bring_back(),
    "/search base case": call.kept.show("base case"),
    "/rename The parser": call.kept.rename_open("The parser"),
    "/export": call.kept.export_open(ExportFormat.MARKDOWN),
    "/export html": call.kept.export_open(ExportFormat.HTML),
    "/allow": call.spending.allow(None),
    "/allow 4600": call.spending.allow(4600),
    "/help": call.show_help(),
    "/quit": call.leave(),
}

HUGE = "9" * 5000
"""More digits than Python reads as a number."""

REFUSED = {
    "/nothing": 'There is no command "/nothing". Try /help.',
    "/stats": "Did you mean /status?",
    "/new one": "/new takes no argument.",
    "/copy two": "/copy takes one number, or nothing.",
    f"/copy {HUGE}": "/copy takes one number, or nothing.",
    "/login claude gemini": "/login takes one provider.",
    "/login --fast": "/login knows no --fast.",
    "/login --add --account ben": "--add is for a further account",
    "/logout --account": "/logout --account wants the name of an account.",
    f"/chats {HUGE}": "It is /chats, /chats NUMBER, /chats remove NUMBER or /chats restore.",
    f"/chats remove {HUGE}": "It is /chats, /chats NUMBER, /chats remove NUMBER or /chats restore.",
    "/chats ²": "It is /chats, /chats NUMBER, /chats remove NUMBER or /chats restore.",
    "/chats two": "It is /chats, /chats NUMBER, /chats remove NUMBER or /chats restore.",
    "/rename": "/rename wants the new title behind it.",
    "/export htm": "/export writes md, json or html. Did you mean html?",
    "/outbox 1": "It is /outbox, or /outbox send 1, send 1 MODEL, edit 1, drop 1, undo.",
    "/accounts use": "It is /accounts, or /accounts use PROVIDER NAME.",
}


PARTS: dict[str, type] = {
    "copying": Copying,
    "kept": KeptConversations,
    "outbox": OutboxController,
    "preferring": Preferring,
    "spending": Spending,
    "usage": UsageController,
}
"""The controllers of groups of commands, by the attributes that they are."""


def a_chat() -> Mock:
    """A controller that writes down what is asked of it and its parts."""
    chat: Mock = create_autospec(ChatController, instance=True)
    for name, part in PARTS.items():
        chat.attach_mock(create_autospec(part, instance=True), name)
    return chat


def test_a_line_does_what_it_reads_as() -> None:
    wrong, chat = [], a_chat()
    for text, expected in MEANS.items():
        chat.reset_mock()
        slash.run(text, chat)
        if not slash.is_command(text) or chat.mock_calls != [expected]:
            wrong.append(f"{text}: {chat.mock_calls}")
    assert not wrong


def test_every_command_is_tried() -> None:
    assert {line.text for line in slash.help_lines()} <= {text.partition(" ")[0] for text in MEANS}


def test_what_makes_no_sense_does_nothing_and_is_told() -> None:
    wrong, chat = [], a_chat()
    for text, told in REFUSED.items():
        chat.reset_mock()
        with pytest.raises(UsageError) as refused:
            slash.run(text, chat)
        if told not in str(refused.value) or chat.mock_calls:
            wrong.append(f"{text}: {refused.value}")
    assert not wrong
    with pytest.raises(UnknownName):
        slash.run("/login gemni", a_chat())


def test_a_line_that_is_complete_is_not_taken_for_the_beginning_of_another() -> None:
    """Enter takes the first completion there is: a login must not become the question for a key."""
    whole = [line for provider in Provider for line in (f"/login --provider={provider}", f"/login {provider}")]
    assert {line: slash.complete(line) for line in whole} == dict.fromkeys(whole, ())


def test_a_path_or_several_lines_are_no_command() -> None:
    assert not any(map(slash.is_command, ("//usr/bin", "/ 2", "/new\nline", "/", "a /new")))


def test_a_beginning_is_completed_to_commands_and_a_command_to_what_may_follow() -> None:
    assert [line.shown for line in slash.complete("/log")] == [
        "/login [--provider=NAME] [--status]",
        "/logout [PROVIDER]",
    ]
    assert [line.text for line in slash.complete("/logout c")] == ["/logout chatgpt", "/logout claude"]
    assert [line.description for line in slash.complete("/status")] == ["the same list: accounts, expiry, who pays"]
    assert slash.complete("/logout claude") == slash.complete("hello") == slash.complete("/new ") == ()
