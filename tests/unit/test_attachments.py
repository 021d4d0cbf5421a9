"""Files that go along with a message: what they are, who takes them, and what is sent of them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

from domain.attached.attachment import Attachment, FileKind, media_type_of, size_words
from domain.attached.intake import left_out, refused, sent, share
from domain.conversation import Role, Turn
from domain.history import anthropic_messages, gemini_contents, openai_input
from domain.model import Model
from domain.provider import Provider
from tests.support.credentials import NOON, a_session
from tests.support.sample_files import SAMPLES, a_file

GPT = Model("gpt-6.1-sol", Provider.CHATGPT, "GPT-6.1 Sol")
CLAUDE = Model("claude-opus-5-5", Provider.CLAUDE, "Claude Opus 5.5")
GEMINI = Model("gemini-3.8-flash", Provider.GEMINI, "Gemini 3.8 Flash")
RECORDS = {model.id: a_session(model.provider).record for model in (GPT, CLAUDE, GEMINI)}
FROM_CODEX = replace(RECORDS[GPT.id], imported=True)


def asked(text: str, *files: Attachment) -> Turn:
    return Turn(Role.USER, text, NOON, attachments=files)


def test_it_is_said_how_much_of_a_request_files_take() -> None:
    files = [a_file("photo.png"), a_file("notes.md")]
    size = size_words(files[0].size)
    shares = {provider.id: share(files, RECORDS[provider.id]) for provider in (GPT, CLAUDE, GEMINI)}
    assert shares == {GPT.id: f"{size} of 50 MB", CLAUDE.id: f"{size} of 22 MB", GEMINI.id: f"{size} of 70 MB"}
    assert share(files[1:], RECORDS[CLAUDE.id]) == ""


def test_a_file_is_told_by_its_first_bytes() -> None:
    kinds = {name: media_type_of(content) for name, content in SAMPLES.items()}
    odd = {
        "a marked text": media_type_of(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe"),
        "escape sequences": media_type_of(b"\x1b[2J\x1b]0;title\x07 text"),
        "a text about PDF": media_type_of(b"# The header is %PDF-1.4, always.\n"),
        "a PDF behind a printer's header": media_type_of(b"\x1b%-12345X@PJL\n%PDF-1.4\n\0\xff"),
        "another RIFF": media_type_of(b"RIFF\x10\x00\x00\x00WAVEfmt "),
        "an older text": media_type_of("Grüße".encode("latin-1")),
        "UTF-16": media_type_of("text".encode("utf-16")),
        "a program": media_type_of(b"\x7fELF\x02\x01\x01\x00"),
        "an archive": media_type_of(b"PK\x03\x04\x14\x00\x00\x00"),
        "TIFF": media_type_of(b"II*\x00\x08\x00\x00\x00"),
    }

    assert kinds == {
        "photo.png": "image/png",
        "photo.jpg": "image/jpeg",
        "still.gif": "image/gif",
        "moving.gif": "image/gif",
        "photo.webp": "image/webp",
        "paper.pdf": "application/pdf",
        "notes.md": "text/plain",
    }
    assert odd == {
        "a marked text": "text/plain",
        "escape sequences": "text/plain",
        "a text about PDF": "text/plain",
        "a PDF behind a printer's header": "application/pdf",
        "another RIFF": None,
        "an older text": None,
        "UTF-16": None,
        "a program": None,
        "an archive": None,
        "TIFF": None,
    }


def test_a_size_is_told_in_three_signs_and_a_unit() -> None:
    sizes = {0: "0 B", 640: "640 B", 4_096: "4.1 kB", 12_345: "12 kB", 999_949: "1000 kB", 6_100_000: "6.1 MB"}
    assert {size: size_words(size) for size in sizes} == sizes
    assert str(Attachment("parser.py", "text/plain", b"x" * 4_096)) == "[file: parser.py 4.1 kB]"


def test_each_vendor_takes_what_it_documents() -> None:
    no_images = a_file("photo.png", SAMPLES["photo.png"] + b"\0" * 3_950_000)
    files = {**{name: a_file(name) for name in SAMPLES}, "large.png": no_images}
    answers = {
        who: {name: why for name, file in files.items() if (why := refused(file, model, record))}
        for who, model, record in (
            ("plan or key", GPT, RECORDS[GPT.id]),
            ("Codex", GPT, FROM_CODEX),
            ("Claude", CLAUDE, RECORDS[CLAUDE.id]),
            ("Gemini", GEMINI, RECORDS[GEMINI.id]),
        )
    }

    assert answers == {
        "plan or key": {"moving.gif": "GPT-6.1 Sol takes no animated GIF"},
        "Codex": {
            "moving.gif": "GPT-6.1 Sol takes no animated GIF",
            "paper.pdf": "GPT-6.1 Sol takes no PDF by a sign-in that Codex made",
        },
        "Claude": {"large.png": "Claude Opus 5.5 takes images up to 3.9 MB"},
        "Gemini": {
            "still.gif": "Gemini 3.8 Flash takes no GIF images",
            "moving.gif": "Gemini 3.8 Flash takes no GIF images",
        },
    }


def test_what_a_model_does_not_take_is_a_note_in_its_turn_and_comes_back_with_a_model_that_does() -> None:
    turns = (asked("what is it?", a_file("still.gif"), a_file("photo.png")), Turn(Role.ASSISTANT, "A dot.", NOON))

    to_gemini = sent(turns, GEMINI, RECORDS[GEMINI.id])

    note = "[file: still.gif 35 B, not sent: Gemini 3.8 Flash takes no GIF images]"
    assert to_gemini[0].text == f"what is it?\n\n{note}"
    assert to_gemini[0].attachments == (a_file("photo.png"),)
    assert to_gemini[1] is turns[1]
    assert left_out(turns, GEMINI, RECORDS[GEMINI.id]) == (
        (a_file("still.gif"), "Gemini 3.8 Flash takes no GIF images"),
    )
    assert sent(turns, CLAUDE, RECORDS[CLAUDE.id]) == turns


def test_where_all_of_them_are_too_much_the_oldest_stay_out() -> None:
    pdf = SAMPLES["paper.pdf"]
    turns = tuple(asked(str(number), a_file(f"{number}.pdf", pdf + b"\0" * 9_000_000)) for number in range(4))
    many = (asked("album", *[a_file("photo.png")] * 99), asked("two more", *[a_file("photo.png")] * 2))

    assert [file.name for file, _ in left_out(turns, CLAUDE, RECORDS[CLAUDE.id])] == ["0.pdf", "1.pdf"]
    assert left_out(turns, CLAUDE, RECORDS[CLAUDE.id])[0][1] == "Claude Opus 5.5 takes 22 MB of files in all"
    assert [why for _, why in left_out(many, CLAUDE, RECORDS[CLAUDE.id])] == ["Claude Opus 5.5 takes 100 images in all"]
    assert left_out(many, GPT, RECORDS[GPT.id]) == ()


def test_each_vendor_gets_files_in_its_own_form() -> None:
    turns = (asked("Compare", a_file("photo.png"), a_file("paper.pdf"), a_file("notes.md")),)
    png, pdf = (b64encode(SAMPLES[name]).decode() for name in ("photo.png", "paper.pdf"))
    text = "Compare\n\nFile notes.md:\n\n# Notes\n\nGrüße, \U0001f600"
    names = ("File photo.png:", "File paper.pdf:")

    openai: list[Any] = openai_input(turns)[0]["content"]
    claude: list[Any] = anthropic_messages(turns)[0]["content"]
    gemini: list[Any] = gemini_contents(turns)[0]["parts"]

    assert openai == [
        {"type": "input_text", "text": names[0]},
        {"type": "input_image", "image_url": f"data:image/png;base64,{png}", "detail": "auto"},
        {"type": "input_text", "text": names[1]},
        {"type": "input_file", "filename": "paper.pdf", "file_data": f"data:application/pdf;base64,{pdf}"},
        {"type": "input_text", "text": text},
    ]
    assert claude == [
        {"type": "text", "text": names[0]},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}},
        {"type": "text", "text": names[1]},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": pdf},
            "title": "paper.pdf",
        },
        {"type": "text", "text": text},
    ]
    assert gemini == [
        {"text": names[0]},
        {"inlineData": {"mimeType": "image/png", "data": png}},
        {"text": names[1]},
        {"inlineData": {"mimeType": "application/pdf", "data": pdf}},
        {"text": text},
    ]


def test_files_of_neighbours_become_one_message_and_a_file_alone_is_one() -> None:
    alone = (asked("", a_file("photo.png")), asked("and?", a_file("paper.pdf")))

    kinds = [part["type"] for part in openai_input(alone)[0]["content"]]

    assert kinds == ["input_text", "input_image", "input_text", "input_file", "input_text"]
    assert openai_input((asked("", a_file("notes.md")),))[0]["content"][0]["text"].startswith(
        "File notes.md:\n\n# Notes"
    )


def test_a_file_shows_its_content_to_nobody_by_accident() -> None:
    assert "Grüße" not in repr(a_file("notes.md"))
    assert a_file("notes.md").kind is FileKind.TEXT
