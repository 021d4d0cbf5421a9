"""The pages that the browser shows. They are plain, light and dark, and load nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import quote

from application.ports.sign_in_listener import SignInPage
from domain.records import dataclass

_STYLE: Final = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #ffffff; --text: #1b1f24; --line: #d0d7de;
  --good: #1a7f37; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --card: #161b22; --text: #e6edf3; --line: #30363d;
  --good: #4ac26b; --bad: #ff8a80; } }
body { margin: 0; padding: 1rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 12vh auto 0; padding: 1.5rem 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; overflow-wrap: anywhere; }
p { margin: 0; overflow-wrap: anywhere; }
.where { margin-top: 1rem; opacity: .7; font-size: .875rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
"""

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Every answer has these headers. The address of a callback holds a code, so nothing may keep it or pass it on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a browser, before it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


ENDED: Final = SignInPage(
    "This sign-in has ended", "Nothing was changed. Return to your terminal to start another one.", succeeded=False
)
WORKING: Final = SignInPage(
    "keyswitch is still working", "Return to your terminal: it shows how the sign-in ends.", succeeded=False
)
NOTHING_HERE: Final = SignInPage(
    "Nothing is here", "keyswitch waits at this address for one sign-in, and goes on waiting.", succeeded=False
)
USED: Final = SignInPage(
    "This link was opened in another browser before",
    "One of the two may be somebody else's, so this sign-in has ended. Nothing was changed. Return to your terminal "
    "and start again, in one browser.",
    succeeded=False,
)
STRANGER: Final = SignInPage(
    "This sign-in belongs to another user of this computer",
    "keyswitch answers its own user alone, and goes on waiting. Is that you, in a browser that runs as somebody else? "
    "Then open the long link of your terminal here, and paste there the address that this browser ends on.",
    succeeded=False,
)
NOT_OURS: Final = SignInPage(
    "That is not the sign-in keyswitch waits for",
    "Nothing was changed, and keyswitch goes on waiting. Use the newest link that your terminal shows.",
    succeeded=False,
)


def page(content: SignInPage, *, status: int = 200, computer: str = "") -> Reply:
    """A page with *content* and the name of the *computer* that the sign-in was for. All text is escaped."""
    where = f'<p class="where">keyswitch on {escape(computer)}</p>' if computer else ""
    sign, colour = ("✓", "good") if content.succeeded else ("✕", "bad")
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(content.heading)} · keyswitch</title><style>{_STYLE}</style></head>"
        f'<body><main><h1><span class="{colour}" aria-hidden="true">{sign}</span> {escape(content.heading)}</h1>'
        f"<p>{escape(content.detail)}</p>{where}</main></body></html>"
    )
    return Reply(status, {**HEADERS, "Content-Type": "text/html; charset=utf-8"}, html.encode())


def sent_to(address: str, *, status: int, cookie: str = "") -> Reply:
    """A redirect that does not tell where it was sent from. The browser keeps *cookie*, if there is one."""
    headers = {**HEADERS, "Location": quote(address, safe=":/%#?=@[]!$&'()*+,;")}
    return Reply(status, {**headers, "Set-Cookie": cookie} if cookie else headers)
