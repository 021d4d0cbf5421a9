"""Which files a model takes by a credential, as its vendor documents it, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from domain.attached.attachment import GIF, JPEG, PNG, WEBP, Attachment, FileKind, size_words
from domain.conversation import Turn
from domain.credential import CredentialRecord
from domain.model import Model
from domain.provider import Provider
from domain.records import dataclass, replace


@dataclass(frozen=True, slots=True)
class Intake:
    """What one vendor's API takes within a request. Sizes are bytes of files, before they are written as Base64."""

    images: frozenset[str]
    """Their media types."""
    animated: bool
    """Whether a GIF may be animated."""
    largest_image: int
    most_images: int
    largest_pdf: int
    """0 where no PDF is taken."""
    total: int
    """Of all images and PDF of a request together."""


_MB: Final = 1_000_000

_INTAKES: Final = {
    # developers.openai.com, guides "Images and vision" and "File inputs".
    Provider.CHATGPT: Intake(frozenset({PNG, JPEG, GIF, WEBP}), False, 20 * _MB, 500, 50 * _MB, 50 * _MB),
    # platform.claude.com, "Vision" and "PDF support": 5 MB of Base64 an image, 100 images where the context is small,
    # 32 MB for the whole request. That leaves 2.6 MB for its text.
    Provider.CLAUDE: Intake(frozenset({PNG, JPEG, GIF, WEBP}), True, 5 * 1024 * 1024 * 3 // 4, 100, 22 * _MB, 22 * _MB),
    # ai.google.dev, "File input methods" and "Image understanding": 100 MB for the whole request.
    Provider.GEMINI: Intake(frozenset({PNG, JPEG, WEBP}), False, 50 * _MB, 3000, 50 * _MB, 70 * _MB),
}

_OF_CODEX: Final = replace(_INTAKES[Provider.CHATGPT], largest_pdf=0)
"""The API behind Codex's own sessions answers 400 to a PDF (vybestack/llxprt-code issue 2608)."""


def refused(file: Attachment, model: Model, record: CredentialRecord) -> str | None:
    """Why *model* cannot take *file* by the credential of *record*, as a clause; None where it can."""
    takes = _intake(record)
    if file.kind is FileKind.TEXT:
        return None
    if file.kind is FileKind.PDF and not takes.largest_pdf:
        return f"{model.label} takes no PDF by a sign-in that Codex made"
    if file.kind is FileKind.IMAGE and file.media_type not in takes.images:
        return f"{model.label} takes no {file.media_type.removeprefix('image/').upper()} images"
    if file.animated and not takes.animated:
        return f"{model.label} takes no animated GIF"
    most, noun = (takes.largest_pdf, "PDF") if file.kind is FileKind.PDF else (takes.largest_image, "images")
    return f"{model.label} takes {noun} up to {size_words(most)}" if file.size > most else None


def share(files: Sequence[Attachment], record: CredentialRecord) -> str:
    """How much of what the vendor of *record* takes in a request *files* are: `5.0 MB of 22 MB`; "" for text alone."""
    size = sum(file.size for file in files if file.kind is not FileKind.TEXT)
    return f"{size_words(size)} of {size_words(_intake(record).total)}" if size else ""


def sent(turns: Sequence[Turn], model: Model, record: CredentialRecord) -> tuple[Turn, ...]:
    """*turns* with the files that *model* takes. In the place of each other one stands a note in the turn's text."""
    left = {(turn, place): why for turn, place, why in _left_out(turns, model, record)}
    return tuple(_without(turn, at, left) if turn.attachments else turn for at, turn in enumerate(turns))


def left_out(turns: Sequence[Turn], model: Model, record: CredentialRecord) -> tuple[tuple[Attachment, str], ...]:
    """The files of *turns* that would not be sent to *model*, each with the clause that says why."""
    found = sorted(_left_out(turns, model, record))
    return tuple((turns[turn].attachments[place], why) for turn, place, why in found)


def _left_out(turns: Sequence[Turn], model: Model, record: CredentialRecord) -> Iterator[tuple[int, int, str]]:
    """Turn, place in it, and why. The latest files come first: what no longer fits was attached long ago."""
    takes = _intake(record)
    images = total = 0
    for turn in reversed(range(len(turns))):
        for place, file in enumerate(turns[turn].attachments):
            why = refused(file, model, record)
            if why is None and file.kind is not FileKind.TEXT:
                images, total = images + (file.kind is FileKind.IMAGE), total + file.size
                why = _too_much(takes, images, total, model)
                if why is not None:
                    images, total = images - (file.kind is FileKind.IMAGE), total - file.size
            if why is not None:
                yield turn, place, why


def _too_much(takes: Intake, images: int, total: int, model: Model) -> str | None:
    if images > takes.most_images:
        return f"{model.label} takes {takes.most_images} images in all"
    if total > takes.total:
        return f"{model.label} takes {size_words(takes.total)} of files in all"
    return None


def _without(turn: Turn, at: int, left: dict[tuple[int, int], str]) -> Turn:
    kept, notes = [], []
    for place, file in enumerate(turn.attachments):
        why = left.get((at, place))
        if why is None:
            kept.append(file)
        else:
            notes.append(f"[file: {file.name} {size_words(file.size)}, not sent: {why}]")
    return replace(turn, text="\n\n".join(filter(None, (turn.text, *notes))), attachments=tuple(kept))


def _intake(record: CredentialRecord) -> Intake:
    return _OF_CODEX if record.imported else _INTAKES[record.provider]
