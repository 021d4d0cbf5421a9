"""An export holds every letter that was said, in each form; a page runs nothing and loads nothing."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import count
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attached.attachment import PNG, Attachment
from domain.conversation import Conversation, Role, Turn, TurnState, Usage
from domain.text.untrusted import untrusted
from entrypoints.export.formats import ExportFormat, exported
from tests.support.conversations import an_answer
from tests.support.credentials import NOON
from tests.support.terminal_escapes import ESCAPES, SIGN, with_sign

HEAD: Final = Conversation("3f9c2a", NOON, 'The <b>title</b> & "more"')

HOSTILE: Final = {
    "a script": "<script>alert(1)</script>",
    "an image that acts": "<img src=x onerror=alert(1)>",
    "a remote image": "![alt text](https://evil.example.test/pixel.png 'a title')",
    "an image of data": "![alt](data:image/svg+xml;base64,AAAA)",
    "a link that acts": "[click](javascript:alert(1)) [data](data:text/html,x) [file](file:///etc/passwd)",
    "a link of a program": "[word](ms-word:ofe|u|https://evil.example.test) [near](../secret.html) [top](#x)",
    "quotes in a target": '[q](https://evil.example.test/"onmouseover="alert(1)) <https://a.test/"x=">',
    "a target that looks like another": "[https://good.example.test](https://evil.example.test/%2e%2F)",
    "quotes in a title": "[q](https://a.test '\" onload=\"x')",
    "quotes in a language": '```"><script>alert(1)</script>\ncode\n```',
    "the end of the page": "</section></body></html><iframe src=//evil.example.test>",
    "a style": "<style>@import url(//evil.example.test)</style> | a |\n",
    "a table": "| a | b |\n|-:|:-|\n| <b> | `x` |\n\nafter",
    "a row with too many cells": "| a | b |\n|---|---|\n| one | two | three |",
    "definitions": "[text][label]\n\n[label]: https://evil.example.test 'title'\n\nafter",
    "entities": "&#x1b;[31m &lt;script&gt; &#x202e;abc &ouml; `&ouml;` &#59; &quot;",
    "quotes in quotes": ">" * 30 + " deep",
    "an escape by an entity in a target": "[a](https://x.test/&#x1b;]0;b&#x7;c) [d](https://x.test/&#155;)",
    "lists": "3. three\n4. four\n   - five\n\n* six",
    "lines": "one\ntwo  \nthree\\\nfour",
    "headings": "# one\n\ntwo\n===\n\n###### three",
    "addresses": "www.example.test and https://example.test/%2F?a=1&b=2 and ana@example.test",
    "struck out": "~~gone~~ **bold _and_ more**",
    "nothing": "",
}
TAGS: Final = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "h5", "h6", "p", "section", "div",
    "details", "summary", "pre", "code", "em", "strong", "s", "a", "br", "hr", "ul", "ol", "li",
    "blockquote", "table", "thead",
    "tbody", "tr", "td", "th",
}  # fmt: skip
ATTRIBUTES: Final = {"class", "href", "rel", "start", "lang", "charset", "name", "content", "http-equiv"}


class Page(HTMLParser):
    """What a browser makes of a page: its texts with the numbers of lists, its tags, its attributes, its targets.

    A text ends where a turn's heading does, and where thoughts begin.
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.texts = [""]
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.targets: list[str] = []
        self.policy = ""
        self._numbers: list[Iterator[int]] = []
        self.feed("".join(pieces))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_by = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(given_by)
        if tag == "a":
            self.targets.append(given_by["href"] or "")
            assert given_by["rel"] == "noopener noreferrer nofollow"
        if given_by.get("http-equiv") == "Content-Security-Policy":
            self.policy = given_by["content"] or ""
        if tag in ("ol", "ul"):
            self._numbers.append(count(int(given_by.get("start") or 1)))
        if tag == "li":
            self.texts[-1] += str(next(self._numbers[-1]))
        if tag == "details":
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self._numbers.pop()
        if tag == "h2":
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def said(text: str) -> list[Turn]:
    """*text* as a question, as an answer and as its thoughts."""
    return [Turn(Role.USER, text, NOON), an_answer(text, reasoning=text)]


def letters(text: str) -> Iterator[str]:
    return (one for one in text.casefold() if one.isalnum() or not (one.isascii() or one.isspace()))


def has_letters(wanted: str, shown: str) -> bool:
    rest = letters(shown)
    return all(one in rest for one in letters(wanted))


def written(text: str) -> dict[ExportFormat, str]:
    return {form: "".join(exported(HEAD, said(text), form)) for form in ExportFormat}


def lost_in(text: str) -> list[ExportFormat]:
    """The forms in which letters of *text* are missing, said as it is as a question, as an answer and as thoughts."""
    shown, forms = untrusted(text), written(text)
    question, answer = json.loads(forms[ExportFormat.JSON])["turns"]
    _, asked, answered, thought, *_ = [*Page([forms[ExportFormat.HTML]]).texts, ""]  # without a thought there is none
    holds = {
        ExportFormat.JSON: [question["text"], answer["text"], answer["reasoning"]] == [text] * 3,
        ExportFormat.MARKDOWN: has_letters(shown * 3, forms[ExportFormat.MARKDOWN]),
        # An answer may show the signs that entities stand for.
        ExportFormat.HTML: has_letters(shown, asked)
        and has_letters(shown, thought)
        and (has_letters(shown, answered) or has_letters(untrusted(unescape(shown)), answered)),
    }
    return [form for form, whole in holds.items() if not whole]


def test_no_letter_is_lost_in_any_form() -> None:
    found = {name: lost_in(text) for name, text in HOSTILE.items()}
    assert {name: lost for name, lost in found.items() if lost} == {}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1 \n\t#*_`~[]()<>|-+.:!\\&;\"'=\x1b\u202eä字"), max_size=60))
def test_no_letter_is_lost_whatever_was_said(text: str) -> None:
    assert lost_in(text) == []


def test_a_page_holds_nothing_that_acts_or_loads() -> None:
    wrong = {}
    page = Page(exported(HEAD, [], ExportFormat.HTML))
    assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
    for name, text in HOSTILE.items():
        page = Page(exported(HEAD, said(text), ExportFormat.HTML))
        strange = (page.tags - TAGS) | (page.attributes - ATTRIBUTES)
        odd = [target for target in page.targets if not target.startswith(("http://", "https://", "mailto:"))]
        if strange or odd:
            wrong[name] = (strange, odd)
    assert wrong == {}


def test_the_exact_target_of_a_link_is_seen_behind_it() -> None:
    text = HOSTILE["a target that looks like another"]
    page = Page(exported(HEAD, said(text), ExportFormat.HTML))
    assert page.targets == ["https://evil.example.test/%2e%2F"]
    assert "https://good.example.test (https://evil.example.test/%2e%2F)" in "".join(page.texts)


def test_no_form_holds_what_a_terminal_would_obey() -> None:
    wrong = []
    for name, escape in ESCAPES.items():
        for form, text in written(with_sign(escape)).items():
            if untrusted(text) != text or SIGN not in text:
                wrong.append((name, form))
    assert wrong == []


def test_markdown_says_who_answered_and_closes_what_an_answer_left_open() -> None:
    turns = [*said("```python\nopen"), an_answer("half", state=TurnState.STOPPED, usage=Usage(1900, 220))]
    text = "".join(exported(HEAD, turns, ExportFormat.MARKDOWN))
    assert text.startswith('# The <b>title</b> & "more"\n\nConversation 3f9c2a, begun 2026-11-23 ')
    assert text.count("```python\nopen\n```\n") == 3
    assert "## Claude Opus 4.1 · Claude OAuth · pays: Console, per token · 2026-11-23 " in text
    assert "stopped, what came is kept · price unknown · 3.1 s · ↑1.9k ↓220\n\nhalf\n" in text
    assert "ana@example.test" not in text


def test_the_json_has_a_schema_and_every_receipt() -> None:
    document = json.loads("".join(exported(HEAD, [an_answer("yes")], ExportFormat.JSON)))
    (turn,) = document["turns"]
    assert (document["schema"], document["id"], turn["number"], turn["state"]) == (1, "3f9c2a", 1, "complete")
    assert (turn["receipt"]["account"], turn["receipt"]["provider"]) == ("ana@example.test", "claude")
    assert json.loads("".join(exported(HEAD, [], ExportFormat.JSON)))["turns"] == []


def test_files_that_went_along_are_named_and_in_the_json_whole() -> None:
    file = Attachment("a <b>.png", PNG, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    asked = Turn(Role.USER, "What is this?", NOON, attachments=(file,))
    forms = {form: "".join(exported(HEAD, [asked], form)) for form in ExportFormat}
    assert "[file: a <b>.png 264 B]" in forms[ExportFormat.MARKDOWN]
    assert "[file: a &lt;b&gt;.png 264 B]" in forms[ExportFormat.HTML]
    (kept,) = json.loads(forms[ExportFormat.JSON])["turns"][0]["attachments"]
    assert (kept["name"], kept["media_type"], b64decode(kept["base64"])) == ("a <b>.png", PNG, file.content)


def test_a_form_is_made_turn_by_turn() -> None:
    """Ten thousand turns are never in memory together: the second one is read after the first was handed out."""
    for form in ExportFormat:
        read: list[int] = []

        def turns(read: list[int] = read) -> Iterator[Turn]:
            for number in range(3):
                read.append(number)
                yield an_answer(f"answer {number}")

        for piece in exported(HEAD, turns(), form):
            if "answer 0" in piece:
                break
        assert read == [0], form
