"""`ask`: one question, from arguments, files and pipes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from tests.support import sandbox_faults
from tests.support.command import Keyswitch
from tests.support.sample_files import SAMPLES

pytestmark = pytest.mark.slow


def test_the_answer_is_on_standard_output_alone(signed_in: Keyswitch) -> None:
    ended = signed_in("ask", "-m", "claude-haiku-4.5", "hello", "there")
    pays = "Pays: Console, per token (ana@example.test), $1/$5 per million tokens in/out."
    assert (ended.code, ended.err.splitlines()[-1]) == (0, pays)
    assert ended.out.startswith("Hello from the Claude sandbox.")
    assert "> hello there\n" in ended.out
    assert ended.out.endswith("\n")


def test_who_really_answers_is_said_beside_the_answer(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    ended = signed_in("ask", "-m", "claude-opus-4.1", "hello")
    assert "Claude Opus 5.5 answers" in ended.err
    (chat,) = (entry for entry in sandbox.log.entries() if entry.kind == "chat")
    assert (chat.provider, chat.wire_model) == ("claude", "claude-opus-5-5")
    assert (chat.own_live_token, chat.foreign_token) == (True, False)


def test_another_model_for_one_question_leaves_the_saved_choice(signed_in: Keyswitch) -> None:
    before = (signed_in.home / "config.toml").read_bytes()
    assert signed_in("ask", "-m", "haiku", "hello").code == 0
    assert (signed_in.home / "config.toml").read_bytes() == before


def test_what_is_piped_in_is_added_to_the_question(signed_in: Keyswitch) -> None:
    ended = signed_in("ask", "review this", typed="one line of diff\n")
    assert "> review this\n> \n> one line of diff\n" in ended.out
    assert "> only piped" in signed_in("ask", typed="only piped").out


def test_what_is_sent_is_what_was_written_but_for_a_byte_order_mark(signed_in: Keyswitch, tmp_path: Path) -> None:
    written = "a \x1b[31mb\x7f \u202e\u200bc"
    assert f"> {written}" in signed_in("ask", "--json", typed=f"\ufeff{written}").document["text"]
    (tmp_path / "plan.md").write_text(f"\ufeff{written}", "utf-8")
    ended = signed_in("ask", "\ufeffrisks?", "-f", "plan.md", "--json")
    assert f"> {written}" in ended.document["text"]
    assert "\ufeff" not in ended.document["text"]
    assert ended.out.isascii()
    assert ended.out.removesuffix("\n").isprintable()


def test_files_are_added_by_name(signed_in: Keyswitch, tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("the plan", "utf-8")
    ended = signed_in("ask", "risks?", "-f", "plan.md")
    assert "> File plan.md:" in ended.out
    assert "> the plan" in ended.out


def test_a_conversation_goes_on_where_it_was_left(signed_in: Keyswitch) -> None:
    signed_in("ask", "first")
    assert "2 earlier turns came along" in signed_in("ask", "-c", "-m", "haiku", "second").out
    assert "4 earlier turns came along" in signed_in("ask", "--continue", "third").out
    assert "this is the first" in signed_in("ask", "--no-save", "apart").out
    assert "6 earlier turns came along" in signed_in("ask", "-c", "fourth").out


def test_a_conversation_goes_on_with_its_own_model_and_sign_in_whatever_was_saved_since(
    signed_in: Keyswitch, sandbox: Sandbox
) -> None:
    signed_in("ask", "-m", "haiku", "first")
    assert signed_in("ask", "-c", "by Claude").out.startswith("Hello from the Claude sandbox.")
    signed_in("login", "chatgpt", "--api-key", typed="sk-fake-chatgpt-key-0000-1234\n")
    signed_in("use", "gpt-5.1-high", "--yes")
    assert signed_in("ask", "-c", "and now?").out.startswith("Hello from the Claude sandbox.")
    signed_in("logout", "claude")
    sandbox.log.clear()
    ended = signed_in("ask", "-c", "still there?")
    assert (ended.code, ended.out) == (4, "")
    assert "goes on with Claude OAuth ana@example.test, which cannot be used here any more" in ended.err
    assert "Run: keyswitch login claude" in ended.err
    assert not [entry for entry in sandbox.log.entries() if entry.kind == "chat"]


def test_without_a_model_the_sign_in_of_the_config_counts_and_nobody_is_asked_by_a_guess(
    signed_in: Keyswitch, sandbox: Sandbox
) -> None:
    rows = {
        (None, "claude"): "Claude",
        (None, "chatgpt"): "ChatGPT",
        ("claude-haiku-4.5", "chatgpt"): "Claude",
        ("gpt-5.1-medium", None): "ChatGPT",
    }
    wrong = []
    for (model, mode), answers in rows.items():
        choice = {"model": model, "active_auth_provider": mode}
        chosen = {name: value for name, value in choice.items() if value}
        signed_in.configure(**chosen, providers=sandbox.provider_settings())
        ended = signed_in("ask", "hello")
        said = "the model counts" in ended.err
        if not ended.out.startswith(f"Hello from the {answers} sandbox.") or said is not (None not in (model, mode)):
            wrong.append((model, mode, ended))
    assert not wrong
    signed_in.configure(providers=sandbox.provider_settings())
    ended = signed_in("ask", "hello")
    assert (ended.code, ended.out) == (2, "")
    assert "No model is selected, and ChatGPT and Claude could answer." in ended.err


def test_a_plan_that_was_chosen_and_is_gone_is_not_replaced_by_a_key(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    signed_in("login", "chatgpt", "--api-key", typed="sk-fake-chatgpt-key-0000-1234\n")
    signed_in("logout", "chatgpt", "--account", "ana@example.test")
    sandbox.log.clear()
    ended = signed_in("ask", "hello")
    assert (ended.code, ended.out) == (2, "")
    assert "[payer_change]" in ended.err
    assert not sandbox.log.entries()


def test_without_an_earlier_conversation_there_is_none_to_go_on_with(signed_in: Keyswitch) -> None:
    ended = signed_in("ask", "-c", "hello")
    assert ended.code == 2
    assert "no conversation to go on with" in ended.err


def test_an_answer_for_programs_has_its_receipt(signed_in: Keyswitch) -> None:
    document = signed_in("ask", "-m", "haiku", "hello", "--json").document
    assert document["text"].startswith("Hello from the Claude sandbox.")
    receipt = document["receipt"]
    assert (receipt["provider"], receipt["account"], receipt["kind"]) == ("claude", "ana@example.test", "oauth")
    assert receipt["model"] == "claude-haiku-5-5"
    assert receipt["usage"]["output"] > 0
    assert receipt["cost_usd"] > 0


def test_an_answer_in_pieces_adds_up_to_the_whole(signed_in: Keyswitch) -> None:
    *pieces, last = signed_in("ask", "hello", "--jsonl").documents
    assert len(pieces) > 1
    assert last["event"] == "answer"
    assert "".join(piece["text"] for piece in pieces if piece["event"] == "text") == last["text"]


def test_what_an_answer_would_do_to_a_terminal_is_taken_out(signed_in: Keyswitch) -> None:
    evil = "red \x1b[31mred\x1b[0m \x1b]0;owned\x07 \u202eback"
    ended = signed_in("ask", "--no-save", typed=evil)
    assert "> red red  back" in ended.out
    assert not {"\x1b", "\x07", "\u202e"} & set(ended.out)


def test_signed_out_it_asks_no_provider_and_exits_4(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    ended = at_sandbox("ask", "-m", "claude-opus-4.1", "hi")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "Claude Opus requires Claude login. Run: keyswitch login claude\n"
    assert not sandbox.log.entries()


def test_signed_out_and_without_a_model_the_default_sign_in_is_named(keyswitch: Keyswitch) -> None:
    ended = keyswitch("ask", "hi")
    assert ended.code == 4
    assert "Run: keyswitch login chatgpt" in ended.err


def test_signed_in_without_a_model_the_providers_default_answers(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    signed_in.configure(providers=sandbox.provider_settings())
    signed_in("logout", "chatgpt")
    assert signed_in("ask", "hello").out.startswith("Hello from the Claude sandbox.")


def test_an_answer_goes_to_a_file_that_is_not_there_yet(signed_in: Keyswitch, tmp_path: Path) -> None:
    answer = tmp_path / "answer.md"
    (tmp_path / "ordinary").touch()
    ended = signed_in("ask", "hello", "-o", "answer.md")
    assert (ended.code, ended.out) == (0, "")
    assert "The answer is in answer.md." in ended.err
    written = answer.read_text("utf-8")
    assert written.startswith("Hello from the ChatGPT sandbox.")
    assert written.endswith("> hello\n")
    assert answer.stat().st_mode == (tmp_path / "ordinary").stat().st_mode

    (tmp_path / "linked.json").hardlink_to(signed_in.home / "auth.json")
    (tmp_path / "pipe").symlink_to("/dev/null")
    sealed = (signed_in.home / "auth.json").read_bytes()
    refused = {
        way: signed_in("ask", "hello", "-o", *way.split())
        for way in (
            "answer.md", f"{signed_in.home}/new.md", "home/auth.json --force", "linked.json --force", "pipe --force",
            "gone/answer.md", "answer.md --json",
        )
    }  # fmt: skip
    codes = [ended.code for ended in refused.values()]
    said = [ended.err.splitlines()[-1] for ended in refused.values()]
    assert codes == [2, 2, 2, 2, 2, 1, 2]
    assert "answer.md is there already, and was left as it is. --force writes over it." in said[0]
    assert all("is in keyswitch's own folder, and nothing else is written there." in line for line in said[1:4])
    assert "pipe is no regular file, and no other is written over." in said[4]
    assert "gone/answer.md cannot be written (No such file or directory)." in said[5]
    assert answer.read_text("utf-8") == written
    assert (signed_in.home / "auth.json").read_bytes() == sealed

    assert signed_in("ask", "again", "-o", "answer.md", "--force").code == 0
    assert answer.read_text("utf-8").endswith("> again\n")


def test_a_file_keeps_what_came_of_an_answer_and_is_left_alone_where_nothing_did(
    signed_in: Keyswitch, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add("chatgpt", "chat", faults.cut_stream(12))
    broken = signed_in("ask", "hello", "-o", "answer.md")
    assert broken.code == 5
    assert "The answer is not complete. What came of it is in answer.md." in broken.err
    came = (tmp_path / "answer.md").read_text("utf-8")
    assert came.startswith("Hello")
    assert not came.endswith("> hello\n")

    for name in ("answer.md", "new.md"):
        sandbox.faults.add("chatgpt", "chat", faults.refuse("plan_limit"))
        assert signed_in("ask", "hello", "-o", name, "--force").code == 6
    assert (tmp_path / "answer.md").read_text("utf-8") == came
    assert not (tmp_path / "new.md").exists()


def test_no_question_is_a_usage_error(signed_in: Keyswitch) -> None:
    ended = signed_in("ask")
    assert ended.code == 2
    assert "There is no question" in ended.err


def test_images_and_documents_go_along(signed_in: Keyswitch, tmp_path: Path) -> None:
    for name in ("photo.png", "paper.pdf"):
        (tmp_path / name).write_bytes(SAMPLES[name])
    ended = signed_in("ask", "what?", "-f", "photo.png", "-f", "paper.pdf", "-m", "haiku")
    assert "- File: `image/png`, 68 bytes.\n- File: `application/pdf`, 81 bytes.\n" in ended.out
    assert "- File: `image/png`" in signed_in("ask", "-f", "photo.png").out


def test_files_of_earlier_questions_go_along_to_whoever_takes_them(signed_in: Keyswitch, tmp_path: Path) -> None:
    (tmp_path / "moving.gif").write_bytes(SAMPLES["moving.gif"])
    assert signed_in("ask", "what?", "-f", "moving.gif", "-m", "haiku").code == 0
    ended = signed_in("ask", "-c", "and now?", "-m", "gpt-6.1-sol")
    assert "moving.gif is not sent along: GPT-6.1 Sol takes no animated GIF." in ended.err
    assert "- File:" not in ended.out
    again = signed_in("ask", "-c", "and here?", "-m", "haiku")
    assert "not sent along" not in again.err
    assert "- File: `image/gif`, 39 bytes." in again.out


def test_a_file_that_cannot_be_sent_is_a_usage_error_and_nothing_is_asked(
    signed_in: Keyswitch, tmp_path: Path, sandbox: Sandbox
) -> None:
    (tmp_path / "program.png").write_bytes(b"\x7fELF\xff\xfe")
    (tmp_path / "moving.gif").write_bytes(SAMPLES["moving.gif"])
    refused = {
        file: signed_in("ask", "what?", "-f", file)
        for file in ("program.png", "moving.gif", "nowhere.txt", "-", str(signed_in.home / "auth.json"))
    }
    assert {file: ended.code for file, ended in refused.items()} == dict.fromkeys(refused, 2)
    said = "\n".join(ended.err for ended in refused.values())
    assert "program.png cannot be attached: it is neither text in UTF-8, nor a PNG" in said
    assert "moving.gif cannot be sent: GPT-6.1 Sol takes no animated GIF." in said
    assert "There is no file nowhere.txt." in said
    assert "There is no file -." in said
    assert "auth.json belongs to keyswitch's own folder, whose files are never attached." in said
    assert [entry for entry in sandbox.log.entries() if entry.kind == "chat"] == []


def test_what_came_before_a_broken_stream_is_printed_and_kept(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.cut_stream(8))
    ended = signed_in("ask", "-m", "haiku", "hello")
    assert ended.code == 5
    assert ended.out.startswith("Hello from the Claude")
    assert ended.out.endswith("\n")
    assert "[broken_stream]" in ended.err
    assert "2 earlier turns came along" in signed_in("ask", "-c", "-m", "haiku", "again").out


def test_a_program_gets_what_came_before_the_error_with_it(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.cut_stream(8), times=2)
    document = signed_in("ask", "-m", "haiku", "hello", "--json", "--no-save").document
    assert document["error"]["code"] == "broken_stream"
    assert document["error"]["text"].startswith("Hello from the Claude")
    *pieces, last = signed_in("ask", "-m", "haiku", "hello", "--jsonl", "--no-save").documents
    assert "".join(piece["text"] for piece in pieces) == last["error"]["text"] == document["error"]["text"]


def test_ctrl_c_stops_the_answer_and_keeps_what_came(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", sandbox_faults.stall(6))
    with signed_in.started("ask", "-m", "haiku", "hello", "--jsonl") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        assert '"text"' in process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        assert process.wait() == 130
    assert "2 earlier turns came along" in signed_in("ask", "-c", "-m", "haiku", "again").out


def test_a_reader_who_leaves_ends_it_quietly(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.slow(0.3))
    with signed_in.started("ask", "-m", "haiku", "hello") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.close()
        process.stdout.close()
        assert process.wait() == 1
        assert process.stderr.read().splitlines() == [
            "Pays: Console, per token (ana@example.test), $0.10/$0.50 per million tokens in/out."
        ]


def test_why_an_answer_ended_is_told_and_an_empty_one_is_no_success(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.refusal())
    declined = signed_in("ask", "-m", "haiku", "hello")
    sandbox.faults.add("claude", "chat", faults.blocked_prompt(), times=3)
    empty = signed_in("ask", "-m", "haiku", "hello")
    document = signed_in("ask", "-m", "haiku", "hello", "--json")
    lines = signed_in("ask", "-m", "haiku", "hello", "--jsonl")

    assert declined.code == 0
    assert declined.out.strip()
    assert "The model declined to answer. Ask in other words" in declined.err
    assert (empty.code, empty.out) == (1, "")
    assert "No answer came: the model declined." in empty.err
    assert (document.code, document.document["text"], document.document["stop"]) == (1, "", "refused")
    assert (lines.code, '"stop": "refused"' in lines.out) == (1, True)
