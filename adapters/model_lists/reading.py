"""What the four forms of a provider's list say. They are foreign: each value is taken only where it can be true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from domain.catalogue import provider_of
from domain.errors import AnswerUnreadable
from domain.model_lists.listed import ListedModel
from domain.provider import Provider
from domain.records import dataclass
from domain.text.moments import moment_from_number, moment_from_text
from domain.text.untrusted import untrusted_line

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._:-]{0,79}")
_LONGEST_LABEL: Final = 60
_NO_CHAT: Final = re.compile(
    r"(^|-)(aqa|audio|computer-use|dall-e|deep-research|embedding|embeddings|image|imagen|instruct|live|moderation"
    r"|native-audio|realtime|robotics|search|sora|transcribe|tts|veo|whisper)(-|$)"
)
"""What a model of another trade has in its id: the lists of OpenAI and Google hold them all."""

_DATED: Final = re.compile(r"(.+?)-(\d{4}-\d{2}-\d{2}|\d{3}|latest)")
"""The same model once more, fixed to a day or following the latest."""

_CONTEXTS: Final = range(1_000, 100_000_001)
_YEARS: Final = range(2020, 2101)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    models: tuple[ListedModel, ...]
    more: str = ""
    """What asks for the next page; "" where this is the last."""


def page_of(body: bytes, provider: Provider) -> Page:
    """The models of *provider* on the page *body*.

    Raises:
        AnswerUnreadable: It is none.
    """
    document = _document(body, provider)
    match provider:
        case Provider.CHATGPT if "data" not in document:
            return _page(provider, _rows(document, "models", provider), _plan_model)
        case Provider.CHATGPT:
            return _page(provider, _rows(document, "data", provider), _openai_model)
        case Provider.CLAUDE:
            more = _text(document, "last_id") if document.get("has_more") is True else ""
            return _page(provider, _rows(document, "data", provider), _claude_model, more)
        case Provider.GEMINI:
            return _page(provider, _rows(document, "models", provider), _gemini_model, _text(document, "nextPageToken"))


def chat_models(found: Iterable[ListedModel]) -> tuple[ListedModel, ...]:
    """Each model of *found* once, without those that stand there under a further name."""
    once: dict[str, ListedModel] = {}
    for model in found:
        once.setdefault(model.id, model)
    again = {name for name in once if (match := _DATED.fullmatch(name)) and match[1] in once}
    return tuple(model for name, model in once.items() if name not in again)


def _document(body: bytes, provider: Provider) -> dict[str, Any]:
    if body.lstrip()[:1] == b"<":
        raise AnswerUnreadable(provider, "a page came in the place of its list of models")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerUnreadable(provider, "its list of models is no whole JSON document") from None
    if not isinstance(document, dict):
        raise AnswerUnreadable(provider, "its list of models has another form")
    return document


def _rows(document: Mapping[str, Any], name: str, provider: Provider) -> list[dict[str, Any]]:
    rows = document.get(name)
    if not isinstance(rows, list):
        raise AnswerUnreadable(provider, "its list of models has another form")
    return [row for row in rows if isinstance(row, dict)]


def _page(provider: Provider, rows: list[dict[str, Any]], read: Any, more: str = "") -> Page:
    models = (read(row) for row in rows)
    return Page(tuple(model for model in models if model is not None and _is_chat(model.id, provider)), more)


def _is_chat(name: str, provider: Provider) -> bool:
    """Whether *name* can be a chat model's of *provider*; another provider's would be a namesake of that one."""
    return bool(_ID.fullmatch(name)) and provider_of(name) is provider and not _NO_CHAT.search(name)


def _openai_model(row: Mapping[str, Any]) -> ListedModel | None:
    name = _text(row, "id")
    return ListedModel(name, name, ends=_day(row.get("shutdown_date")), created=_day(row.get("created")))


def _plan_model(row: Mapping[str, Any]) -> ListedModel | None:
    if row.get("visibility") != "list":
        return None
    name = _text(row, "slug")
    return ListedModel(name, _label(row.get("display_name"), name))


def _claude_model(row: Mapping[str, Any]) -> ListedModel | None:
    name, state, ends = _text(row, "id"), row.get("lifecycle"), _day(row.get("retires_at"))
    if state == "retired" and ends is None:
        return None
    return ListedModel(
        name,
        _label(row.get("display_name"), name),
        context=_context(row.get("max_input_tokens")),
        ends=None if state == "active" else ends,
        created=_day(row.get("created_at")),
    )


def _gemini_model(row: Mapping[str, Any]) -> ListedModel | None:
    methods = row.get("supportedGenerationMethods")
    if not isinstance(methods, list) or "generateContent" not in methods:
        return None
    name = _text(row, "name").removeprefix("models/")
    return ListedModel(name, _label(row.get("displayName"), name), context=_context(row.get("inputTokenLimit")))


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _label(value: object, name: str) -> str:
    """A label that can be shown; the id where there is none."""
    shown = untrusted_line(value[: 4 * _LONGEST_LABEL]) if isinstance(value, str) else ""
    return " ".join(shown.split())[:_LONGEST_LABEL] or name


def _context(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _CONTEXTS else None


def _day(value: object) -> date | None:
    """The day that a moment in text or in seconds falls on (UTC); None where it is none, or in no year that matters."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        value += "T00:00:00Z"
    moment = moment_from_text(value) if isinstance(value, str) else moment_from_number(value)
    return moment.date() if moment is not None and moment.year in _YEARS else None
