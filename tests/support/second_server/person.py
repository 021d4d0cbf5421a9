"""Somebody at the second server's pages: reads a form, fills it in, sends it. HTTP and HTML alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from tests.support.second_server.clients import PASSWORD

MOST_REDIRECTS: Final = 10


class Person:
    """One person in a browser of their own, who is signed in nowhere yet."""

    def __init__(self, email: str = "ana@example.test") -> None:
        self._email = email

    def allow(self, authorize_url: str) -> dict[str, str]:
        """The parameters that the browser is sent back with after "Authorize"."""
        return self._decided(authorize_url, button="allow")

    def decline(self, authorize_url: str) -> dict[str, str]:
        """The same after "Cancel", which is the button without a name."""
        return self._decided(authorize_url, button="")

    def answer_device(self, verification_uri: str, user_code: str, *, action: str) -> str:
        """Type *user_code*, press the button that means *action* (accept, deny), and read the last page."""
        with httpx2.Client(trust_env=False, timeout=20) as browser:
            page = self._signed_in(browser, verification_uri)
            page = _sent(browser, page, {"user_code": user_code})
            return _sent(browser, page, {"action": action}).text

    def _decided(self, authorize_url: str, *, button: str) -> dict[str, str]:
        with httpx2.Client(trust_env=False, timeout=20) as browser:
            page = self._signed_in(browser, authorize_url)
            if page.is_redirect:  # refused before anybody was asked
                return _parameters(page)
            form = Form.on(page)
            pressed = {name: value for name, value in form.buttons if name and name == button}
            answer = browser.post(str(page.url), data={**form.fields, **pressed}, headers=_same_site(page))
            assert answer.is_redirect, answer.text
            return _parameters(answer)

    def _signed_in(self, browser: httpx2.Client, url: str) -> httpx2.Response:
        """The page at *url*, by way of the sign-in form that comes first."""
        page = _visited(browser, browser.get(url))
        return _sent(browser, page, {"username": self._email, "password": PASSWORD})


def _sent(browser: httpx2.Client, page: httpx2.Response, filled: dict[str, str]) -> httpx2.Response:
    fields = Form.on(page).fields
    assert filled.keys() - {"action"} <= fields.keys(), f"no such fields at {page.url}: {page.text}"
    return _visited(browser, browser.post(str(page.url), data={**fields, **filled}, headers=_same_site(page)))


def _visited(browser: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """Where redirects end at this server; the last of them if it leads elsewhere."""
    for _ in range(MOST_REDIRECTS):
        if not answer.is_redirect:
            assert answer.status_code == httpx2.codes.OK, f"{answer.status_code} at {answer.url}: {answer.text}"
            return answer
        target = urljoin(str(answer.url), answer.headers["location"])
        if urlsplit(target).netloc != urlsplit(str(answer.url)).netloc:
            return answer
        answer = browser.get(target)
    raise AssertionError(f"too many redirects, last to {answer.url}")


def _parameters(answer: httpx2.Response) -> dict[str, str]:
    """Of the redirect's address."""
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query, keep_blank_values=True))


def _same_site(page: httpx2.Response) -> dict[str, str]:
    parts = urlsplit(str(page.url))
    return {"origin": f"{parts.scheme}://{parts.netloc}", "referer": str(page.url)}


@dataclass
class Form(HTMLParser):
    """The one form of a page."""

    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """(name, value); a button without a name sends nothing."""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    @classmethod
    def on(cls, page: httpx2.Response) -> Form:
        """The form of *page*."""
        form = cls()
        form.feed(page.text)
        form.close()
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "button" or (tag == "input" and given.get("type") == "submit"):
            self.buttons.append((given.get("name", ""), given.get("value", "")))
        elif tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")
