"""Images and PDF: what each vendor takes, and the 400 for what it does not."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tests.integration.sandbox.peer import Peer, answer_text
from tests.integration.sandbox.test_codex import Codex
from tests.support.sample_files import SAMPLES

CODED = {name: b64encode(content).decode() for name, content in SAMPLES.items()}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf"}


def openai_part(name: str, media_type: str, data: str) -> dict[str, Any]:
    url = f"data:{media_type};base64,{data}"
    if media_type == "application/pdf":
        return {"type": "input_file", "filename": name, "file_data": url}
    return {"type": "input_image", "image_url": url}


def claude_block(_: str, media_type: str, data: str) -> dict[str, Any]:
    kind = "document" if media_type == "application/pdf" else "image"
    return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}


def gemini_part(_: str, media_type: str, data: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": data}}


PARTS = {"chatgpt": openai_part, "claude": claude_block, "gemini": gemini_part}


def body_with(provider: str, part: dict[str, Any]) -> dict[str, Any]:
    match provider:
        case "chatgpt":
            return {"input": [{"role": "user", "content": [part, {"type": "input_text", "text": "hi"}]}]}
        case "claude":
            return {"messages": [{"role": "user", "content": [part, {"type": "text", "text": "hi"}]}]}
        case _:
            return {"contents": [{"role": "user", "parts": [part, {"text": "hi"}]}]}


def test_each_vendor_takes_its_kinds_and_the_answer_names_them(peer: Peer) -> None:
    seen = {}
    for provider, part in PARTS.items():
        for name in ("photo.png", "photo.jpg", "still.gif", "photo.webp", "paper.pdf"):
            media_type = TYPES[name.rpartition(".")[2]]
            answer = peer.chat(provider, **body_with(provider, part(name, media_type, CODED[name])))
            told = answer.status_code == 200 and answer_text(provider, answer.text)
            seen[provider, name] = told and f"- File: `{media_type}`, {len(SAMPLES[name])} bytes." in told

    assert [case for case, taken in seen.items() if not taken] == [("gemini", "still.gif")]


def test_what_is_no_file_of_its_type_is_refused(peer: Peer) -> None:
    odd = {
        "another kind than it says": ("photo.png", "image/png", CODED["paper.pdf"]),
        "no Base64": ("photo.png", "image/png", "not Base64!"),
        "nothing": ("photo.png", "image/png", ""),
        "a kind that nobody takes": ("photo.tiff", "image/tiff", CODED["photo.png"]),
    }
    statuses = {
        (provider, what): peer.chat(provider, **body_with(provider, part(*file))).status_code
        for provider, part in PARTS.items()
        for what, file in odd.items()
    }

    assert {case: status for case, status in statuses.items() if status != 400} == {}


def test_each_vendor_has_its_own_rules(peer: Peer) -> None:
    nameless = {**openai_part("", "application/pdf", CODED["paper.pdf"])}
    elsewhere = {"type": "input_image", "image_url": "https://images.example.test/photo.png"}
    linked = {"type": "image", "source": {"type": "url", "url": "https://images.example.test/photo.png"}}
    large = b64encode(SAMPLES["photo.png"] + b"\0" * 4_000_000).decode()
    answers = {
        "a PDF without a name": peer.chat("chatgpt", **body_with("chatgpt", nameless)),
        "an image from elsewhere": peer.chat("chatgpt", **body_with("chatgpt", elsewhere)),
        "a linked image": peer.chat("claude", **body_with("claude", linked)),
        "a large image": peer.chat("claude", **body_with("claude", claude_block("", "image/png", large))),
        "a PDF for Codex": Codex(peer).ask(
            **body_with("chatgpt", openai_part("paper.pdf", "application/pdf", CODED["paper.pdf"]))
        ),
    }
    images = Codex(peer).ask(**body_with("chatgpt", openai_part("photo.png", "image/png", CODED["photo.png"])))

    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(answers, 400)
    assert images.status_code == 200
