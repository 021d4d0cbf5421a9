"""The pages that a person sees in the browser. No outside asset, readable in light and dark, nothing unescaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from adapters.sandbox.settings import Account

_STYLE: Final = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b1f24; --soft: #57606a; --line: #8c959f;
  --strong: #0a5fd0; --on-strong: #fff; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --card: #161b22; --text: #e6edf3; --soft: #a5aeb8;
  --line: #6e7681; --strong: #6cb0ff; --on-strong: #0d1117; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 2rem auto; padding: 1.5rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
h1 { font-size: 1.4rem; margin: .25rem 0 1rem; }
.sandbox { color: var(--soft); font-weight: 600; margin: 0; }
.soft { color: var(--soft); }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 1rem; padding: .75rem 1rem; }
label { display: block; padding: .3rem 0; overflow-wrap: anywhere; }
button { font: inherit; padding: .6rem 1.2rem; border-radius: .5rem; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer; }
button[value=allow] { background: var(--strong); color: var(--on-strong); border-color: var(--strong); }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
code { overflow-wrap: anywhere; font-size: 1.05rem; user-select: all; }
"""

PAGE_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://127.0.0.1:* http://localhost:*"  # Chromium applies it to the redirect as well
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class ErrorPage(HTMLResponse):
    """A page that says why it does not go on; *code* is what the log shows of it."""

    def __init__(self, page: HTMLResponse, *, code: str) -> None:
        super().__init__(page.body, status_code=page.status_code, headers=PAGE_HEADERS)
        self.code = code


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """One permission on a consent page."""

    scope: str
    text: str
    optional: bool = False
    """Whether the person may untick it."""


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a consent page shows and sends back."""

    provider_name: str
    app_name: str
    action: str
    ticket: str
    csrf: str
    accounts: Sequence[Account]
    chosen: str
    """E-mail address of the account that is ticked at first."""
    choices: Sequence[ScopeChoice]
    user_code: str = ""
    """The code of a device authorization, for the person to compare; empty where there is none."""


def consent_page(view: ConsentView) -> HTMLResponse:
    """The page on which a person chooses an account and allows or declines."""
    accounts = "\n".join(
        f'<label><input type="radio" name="account" value="{escape(account.email)}"'
        f"{' checked' if account.email == view.chosen else ''}> {escape(account.name)} "
        f'<span class="soft">{escape(account.email)}</span></label>'
        for account in view.accounts
    )
    body = f"""{_compare(view.user_code)}
<form method="post" action="{escape(view.action)}">
<input type="hidden" name="ticket" value="{escape(view.ticket)}">
<input type="hidden" name="csrf" value="{escape(view.csrf)}">
<fieldset><legend>Account</legend>{accounts}</fieldset>
<fieldset><legend>{escape(view.app_name)} will be able to</legend>{"".join(map(_choice, view.choices))}</fieldset>
<button name="decision" value="allow">Continue</button>
<button name="decision" value="deny">Decline</button>
</form>"""
    return _page(f"{view.app_name} asks for access to your {view.provider_name} account", body)


def code_page(provider_name: str, value: str) -> HTMLResponse:
    """The page that shows a code to paste into the program that asked for it."""
    shown = escape(value)
    return _page(
        f"{provider_name}: copy this code",
        f'<p>Paste it into the program that asked for it.</p><p><code id="code">{shown}</code></p>',
    )


def user_code_page(provider_name: str, action: str) -> HTMLResponse:
    """The page on which a person types the code that a program elsewhere shows (RFC 8628, 3.3)."""
    body = f"""
<form method="get" action="{escape(action)}">
<label>Code <input type="text" name="user_code" required autofocus autocomplete="off" spellcheck="false"></label>
<button>Continue</button>
</form>"""
    return _page(f"{provider_name}: enter the code that your program shows", body)


def done_page(title: str, text: str) -> HTMLResponse:
    """The last page of a device authorization."""
    return _page(title, f"<p>{escape(text)}</p>")


def error_page(error: str, description: str, *, status: int = 400) -> ErrorPage:
    """What a browser sees where an answer to the client's redirect address is not safe."""
    page = _page(
        "This sign-in cannot go on",
        f'<p>{escape(description)}</p><p class="soft">Error {status}: <code id="error">{escape(error)}</code></p>',
        status=status,
    )
    return ErrorPage(page, code=error)


def _compare(user_code: str) -> str:
    """RFC 8628, 3.3.1: a code in the address proves nothing; the person must see that it is their program's."""
    if not user_code:
        return ""
    shown = escape(user_code)
    return f'<p>Go on only if your program shows this code: <code id="user_code">{shown}</code></p>'


def _choice(choice: ScopeChoice) -> str:
    value = escape(choice.scope)
    if not choice.optional:
        return f'<input type="hidden" name="scope" value="{value}"><label>{escape(choice.text)}</label>'
    return (
        f'<label><input type="checkbox" name="scope" value="{value}" checked> {escape(choice.text)} '
        '<span class="soft">(optional)</span></label>'
    )


def _page(title: str, body: str, *, status: int = 200) -> HTMLResponse:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - keyswitch sandbox</title><style>{_STYLE}</style></head>"
        f'<body><main><p class="sandbox">keyswitch sandbox: no real account, nothing leaves this machine</p>'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status_code=status, headers=PAGE_HEADERS)
