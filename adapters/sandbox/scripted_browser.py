"""Stands in for a person at a browser: opens a consent page, ticks, submits, follows the redirect."""

from __future__ import annotations

import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx2

TIMEOUT: Final = 30.0
"""Seconds for each page; a listener may show its last one only when the sign-in has been saved."""
MOST_REDIRECTS: Final = 10


class PageRefused(Exception):
    """The provider showed an error page in place of its consent page; the text is its `error`."""


def approve(
    authorize_url: str,
    *,
    account: str = "ana@example.test",
    decline: bool = False,
    scopes_unticked: Collection[str] = (),
    visit: bool = True,
) -> str:
    """Answer the consent page at *authorize_url* and return where that led.

    That is the last address visited; the unanswered redirect address if the listener has gone or *visit* is False;
    or the `code#state` that a page showed.

    Raises:
        PageRefused: There was an error page.
        httpx2.TransportError: The provider itself could not be reached.
    """
    with _browser() as browser:
        page = browser.get(authorize_url, follow_redirects=True)
        sent = _answered(browser, page, account=account, decline=decline, unticked=scopes_unticked)
        if not sent.is_redirect:
            raise PageRefused(_Page.of(sent).shown.get("error", str(sent.status_code)))
        target = urljoin(str(sent.url), sent.headers["location"])
        return _follow(browser, target, provider=_origin(page.url), visit=visit)


def approve_device(
    verification_uri: str, user_code: str = "", *, account: str = "ana@example.test", decline: bool = False
) -> str:
    """Type *user_code* into the page at *verification_uri* and answer the consent page; the last page's heading.

    Without *user_code* the address must hold it (`verification_uri_complete`).

    Raises:
        PageRefused: There was an error page.
        httpx2.TransportError: The provider itself could not be reached.
    """
    with _browser() as browser:
        page = browser.get(verification_uri)
        if user_code:
            page = browser.get(urljoin(str(page.url), _read(page).action), params={"user_code": user_code})
        sent = _answered(browser, page, account=account, decline=decline)
        if sent.is_error:
            raise PageRefused(_Page.of(sent).shown.get("error", str(sent.status_code)))
        return _Page.of(sent).shown.get("heading", "")


def _browser() -> httpx2.Client:
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loopback is plain http; a bare context saves loading the CAs
    return httpx2.Client(trust_env=False, verify=no_tls, timeout=TIMEOUT)


def _answered(
    browser: httpx2.Client, page: httpx2.Response, *, account: str, decline: bool, unticked: Collection[str] = ()
) -> httpx2.Response:
    form = _read(page)
    answer = form.answer(account=account, decline=decline, unticked=unticked)
    return browser.post(urljoin(str(page.url), form.action), data=answer, headers={"origin": _origin(page.url)})


def _follow(browser: httpx2.Client, target: str, *, provider: str, visit: bool) -> str:
    for _ in range(MOST_REDIRECTS):
        if not visit and _origin(httpx2.URL(target)) != provider:
            return target
        try:
            page = browser.get(target)
        except httpx2.TransportError:
            return target
        if not page.is_redirect:
            return _Page.of(page).shown.get("code", target) if _origin(page.url) == provider else target
        target = urljoin(target, page.headers["location"])
    return target


def _read(page: httpx2.Response) -> _Page:
    if page.is_redirect or "html" not in page.headers.get("content-type", ""):
        raise PageRefused(f"{page.status_code} without a page")
    parsed = _Page.of(page)
    if not parsed.action:
        raise PageRefused(parsed.shown.get("error", str(page.status_code)))
    return parsed


def _origin(url: httpx2.URL) -> str:
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class _Page(HTMLParser):
    """The form of a page, the texts of its `code` elements by id, and its heading."""

    action: str = ""
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    """(type, name, value) of each input."""
    shown: dict[str, str] = field(default_factory=dict)
    _inside: str | None = None

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    @classmethod
    def of(cls, response: httpx2.Response) -> _Page:
        page = cls()
        page.feed(response.text)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input":
            self.fields.append((given.get("type", "text"), given.get("name", ""), given.get("value", "")))
        elif tag == "code" and "id" in given:
            self._inside = given["id"]
        elif tag == "h1":
            self._inside = "heading"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"code", "h1"}:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.shown[self._inside] = self.shown.get(self._inside, "") + data

    def answer(self, *, account: str, decline: bool, unticked: Collection[str]) -> dict[str, list[str]]:
        """What the filled-in form sends."""
        sent: dict[str, list[str]] = {"decision": ["deny" if decline else "allow"]}
        for kind, name, value in self.fields:
            chosen = value == account if kind == "radio" else kind != "checkbox" or value not in unticked
            if chosen:
                sent.setdefault(name, []).append(value)
        return sent
