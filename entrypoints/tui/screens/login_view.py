"""What the sign-in dialog shows: step, provider, link, paste field, what is going on, keys."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from application.ports.sign_in_dialog import SignInLink
from application.sign_in.sign_in import SignedIn
from domain.provider import Provider
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.fitting import NARROW, fitting
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.widgets.fitted_row import FittedRow
from entrypoints.tui.widgets.hidden_field import HiddenField
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.sign_in import (
    PASTE_HINT,
    STEPS,
    after_sign_in,
    countdown,
    listening_words,
    not_used_yet,
    plan_off,
    signed_in_line,
)

USE_KEY: Final = "use-key"
"""The name of the button for an API key."""


class LoginView(Vertical):
    """Shows what its dialog says, and decides nothing."""

    def __init__(self, glyphs: Glyphs, *, staying_on: str | None) -> None:
        super().__init__(classes="dialog login")
        self._glyphs = glyphs
        self._staying_on = staying_on
        self._hints: tuple[Sequence[str], ...] = ()
        self._over = False
        """Whether somebody signed in."""

    def compose(self) -> ComposeResult:
        """From top to bottom; the keys are on the last row."""
        yield FittedRow(str, id="step", classes="title")
        yield Static("", id="providers", markup=False)
        yield Static("", id="lead", markup=False)
        yield Static("", id="link", markup=False)
        yield KeyHints("  ", id="link-keys")
        yield Static("", id="state", markup=False)
        yield Static(Content(untrusted(PASTE_HINT)), id="paste-hint")
        yield HiddenField(id="paste", placeholder="paste here, anywhere in this dialog")
        yield Static("", id="stay", markup=False)
        with Horizontal(classes="buttons"):
            yield Button(Content("[ Use an API key: Ctrl+K ]"), name=USE_KEY, compact=True)
        yield KeyHints(self._glyphs.dot, id="keys", classes="keys")

    # What is shown at each step.

    def choice(self, provider: Provider) -> None:
        """A provider is chosen; nothing has begun."""
        self.head(1, provider)
        self.takes_pastes(False)
        self.put("lead", f"Enter: Continue with {provider.label}. Arrows or 1 2 3 choose another.")
        self.state(provider.facts.before_sign_in)
        self.put("stay", self.stay)
        self.keys("Esc cancel", "Enter continue", f"{self._glyphs.horizontal} other provider")

    def asking(self, provider: Provider) -> None:
        """A link is asked for."""
        self.head(2, provider)
        self.put("lead", f"Asking {provider.label} for a link{self._glyphs.ellipsis}")
        self.put("link", "")
        self.link_keys()
        self.takes_pastes(True)
        self.state("")
        self.put("stay", self.stay)
        self.keys("Esc cancel", "1-3 other provider")

    def link(self, link: SignInLink) -> None:
        """The browser may go there now."""
        vendor = untrusted_line(link.url.partition("://")[2].partition("/")[0])
        self.put("lead", "We opened your browser. If nothing happened, open this link on THIS machine:")
        keys = ["[c] copy full link", "[p] print it plain"]
        keys += ["[d] use a device code"] if link.offers_device else []
        if link.short_url is not None:
            self.put("link", link.short_url)
            self.link_keys(f"It forwards to {vendor}.", *keys)
        else:
            self.put("link", f"https://{vendor}{self._glyphs.ellipsis}")
            self.link_keys(*keys)
        self.state(listening_words(link))

    def waiting(self, left: int, *, sandbox: bool) -> None:
        """The way out and the clock stand on the last row, which no narrow window cuts off. *left* is in seconds."""
        keys = ["Esc cancel", countdown(left), "n new link", "1-3 other provider"]
        if sandbox:
            self._hint([*keys, "a approve in the sandbox"], [*keys, "a approve"])
        else:
            self._hint(keys)

    def success(self, provider: Provider, signed_in: SignedIn) -> None:
        """Who signed in, and what is to be known of that."""
        self.head(3, provider)
        for part in ("lead", "link", "stay"):
            self.put(part, "")
        self.link_keys()
        self.takes_pastes(False)
        self.query_one(".buttons").display, self._over = False, True
        more = (not_used_yet(signed_in), plan_off(signed_in), *after_sign_in(signed_in.record, signed_in.not_granted))
        self.state("\n".join(filter(None, (signed_in_line(signed_in, self._glyphs.ok), *more))), "done")
        self.keys("Any key closes this")

    def failure(self, sentence: str, more: str) -> None:
        """Why nobody signed in; *more* is what helps."""
        self.put("lead", sentence)
        self.put("link", "")
        self.link_keys()
        self.takes_pastes(False)
        self.state(more, "" if more else "trouble")
        self.put("stay", "Nothing was changed.")
        self.keys("Esc close", "r try again", "1-3 other provider")

    # The parts.

    @property
    def stay(self) -> str:
        """What does not change before the person approves."""
        kept = f"You stay on {self._staying_on}; nothing" if self._staying_on else "Nothing"
        return f"{kept} is saved until you approve."

    @property
    def takes_paste(self) -> bool:
        """Whether there is a link to come back from."""
        return bool(self.query_one("#paste").display)

    def head(self, step: int, provider: Provider) -> None:
        """The step, and the provider among the others."""
        name = f"Log in to {provider.label}"
        short = f"{name}{self._glyphs.dot}step {step} of {len(STEPS)}"
        self.query_one("#step", FittedRow).show(partial(fitting, [f"{short}: {STEPS[step - 1]}", short]))
        chosen = [
            f"[{place} {one.label}]" if one is provider else f" {place} {one.label} "
            for place, one in enumerate(Provider, 1)
        ]
        self.put("providers", " ".join(chosen))

    def put(self, part: str, text: str) -> None:
        """Show *text*, or no line at all where it is empty."""
        self.query_one(f"#{part}", Static).update(Content(untrusted(text)))
        self.query_one(f"#{part}", Static).display = bool(text)

    def state(self, text: str, kind: str = "") -> None:
        """What is going on; *kind* is `trouble` or `done` where it is that."""
        self.put("state", text)
        self.query_one("#state").set_classes(kind)

    def keys(self, *keys: str) -> None:
        """What the keys do."""
        self._hint(keys)

    def on_resize(self) -> None:
        """Where the button has no room, its key stands among the others."""
        self._hint(*self._hints)

    def _hint(self, *forms: Sequence[str]) -> None:
        self._hints = forms
        by_button = self.app.size.width >= NARROW or self._over
        shown = forms if by_button else tuple([*form, "Ctrl+K API key"] for form in forms)
        self.query_one("#keys", KeyHints).show(*shown)

    def link_keys(self, *keys: str) -> None:
        """What the keys do with the link."""
        self.query_one("#link-keys", KeyHints).show(keys)

    def empty_field(self) -> None:
        """Leave nothing of what was pasted: whoever sees the screen must not get the code."""
        self.query_one("#paste", Input).value = ""

    def takes_pastes(self, takes: bool) -> None:
        """Show the field while there is a link to come back from."""
        self.empty_field()
        for part in ("paste-hint", "paste"):
            self.query_one(f"#{part}").display = takes
