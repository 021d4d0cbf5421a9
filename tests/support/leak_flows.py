"""What a person does with keyswitch, for the hunt for secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx2

from adapters.sandbox.scripted_browser import PageRefused, approve_device
from adapters.sandbox.server import Sandbox
from domain.provider import Provider
from tests.support.leak_hunt import Flow, Run, signed_in, visit
from tests.support.leak_screen import on_screen

MODELS: Final = {Provider.CHATGPT: "gpt-5.5", Provider.CLAUDE: "claude-opus-4.1", Provider.GEMINI: "gemini-2.5-pro"}


def browser(provider: Provider) -> Flow:
    """Sign in by the browser that the program opens."""

    def flow(run: Run, _sandbox: Sandbox) -> None:
        with run.started("login", provider, "--json", "--timeout", str(run.patience)) as process:
            link = process.wait_for(authorize)
            if link is not None:
                run.shown.append(json.loads(link)["url"])
                visit(json.loads(link)["short_url"] or json.loads(link)["url"])

    return flow


def paste(provider: Provider) -> Flow:
    """Sign in by pasting the address that another machine's browser ended on."""

    def flow(run: Run, _sandbox: Sandbox) -> None:
        with run.started("login", provider, "--json", "--no-browser", "--timeout", str(run.patience)) as process:
            link = process.wait_for(authorize)
            if link is not None:
                url = json.loads(link)["url"]
                run.shown.append(url)
                process.type(f"{landed_on(run, url, provider)}\n")

    return flow


def landed_on(run: Run, url: str, provider: Provider) -> str:
    """Where the browser ends once the person has agreed; what is secret in it is looked for from now on."""
    address = visit(url, to_the_end=False)
    run.canaries.add(f"address that was pasted for {provider}", address)
    for name in ("code", "state"):
        for value in parse_qs(urlsplit(address).query).get(name, []):
            run.canaries.add(f"{name} of {provider}", value)
    return address


def key(run: Run, _sandbox: Sandbox) -> None:
    """Store an API key."""
    typed = f"{run.made_up('API key that was typed', signs='-_.')}\n"
    with run.started("login", "claude", "--api-key", "--json", typed=typed):
        pass


def renewal(run: Run, sandbox: Sandbox) -> None:
    signed_in(run, sandbox, due=True)
    with run.started("refresh", "--json", typed=""):
        pass


def chat(provider: Provider) -> Flow:
    """Ask a question, for which the session must be renewed first."""

    def flow(run: Run, sandbox: Sandbox) -> None:
        signed_in(run, sandbox, due=True)
        with run.started("ask", "-m", MODELS[provider], "hello", typed=""):
            pass

    return flow


def device(run: Run, _sandbox: Sandbox) -> None:
    """Sign in with a code that is typed in on another device."""
    with run.started("login", "claude", "--device", "--json", "--timeout", str(run.patience)) as process:
        line = process.wait_for(lambda out: event(out, b'"user_code"'))
        if line is not None:
            shown = json.loads(line)
            with suppress(PageRefused, httpx2.HTTPError):
                approve_device(shown["verification_uri"], shown["user_code"])


def passphrase(run: Run, sandbox: Sandbox) -> None:
    """Seal the master key with a passphrase, then renew with it."""
    signed_in(run, sandbox, due=True)
    typed = f"{run.made_up('passphrase')}\n"
    with run.started("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0", typed=typed):
        pass
    with run.started("refresh", "--passphrase-fd", "0", typed=typed):
        pass


def client_secret(run: Run, _sandbox: Sandbox) -> None:
    """Put an OAuth client's secret into the config, then look at all of it."""
    typed = f"{run.made_up('client secret that was typed')}\n"
    with run.started("config", "set", "providers.claude.client_secret", typed=typed):
        pass
    with run.started("config", "get", "--json", typed=""):
        pass


def logout(run: Run, sandbox: Sandbox) -> None:
    signed_in(run, sandbox)
    with run.started("logout", "--all", typed=""):
        pass


def status(run: Run, sandbox: Sandbox) -> None:
    """Look at what is stored."""
    signed_in(run, sandbox)
    with run.started("status", "--json", typed=""):
        pass


def screen(provider: Provider) -> Flow:
    """In the app: sign in by pasting, chat, look at the accounts, sign out."""

    def flow(run: Run, _sandbox: Sandbox) -> None:
        with on_screen(run) as terminal:
            if not terminal.wait_for("keyswitch") or not terminal.wait_for("/login"):
                return
            terminal.type(f"/login --provider={provider}\r")
            if not terminal.wait_for("/go/"):
                return
            short = re.search(r"http://\S+/go/\w+", terminal.text)
            address = landed_on(run, short[0] if short else "", provider)
            terminal.paste(address)
            if not terminal.wait_for("Any key closes this"):
                return
            terminal.type("\r")
            terminal.wait_without("Any key closes this")
            terminal.type("hello\r")
            terminal.wait_for("You wrote:")
            terminal.type("\x1bOR")  # F3
            terminal.wait_for("Esc back")
            terminal.type("\x1b")
            terminal.wait_without("Esc back")
            terminal.type(f"/logout {provider}\r")
            terminal.wait_for("end the session at")
            terminal.type("\x1b[C\r")  # to the right, where the yes is
            terminal.wait_for("Logged out of")
            terminal.type("/quit\r")

    return flow


def authorize(out: bytes) -> str | None:
    """The line that says where to sign in, once it is whole."""
    return event(out, b'"authorize"')


def event(out: bytes, sign: bytes) -> str | None:
    """The first whole line with *sign* in it."""
    return next((line.decode() for line in out.split(b"\n")[:-1] if sign in line), None)


COMMANDS: Final[Mapping[str, Flow]] = {
    **{f"sign in to {provider} by the browser": browser(provider) for provider in Provider},
    **{f"sign in to {provider} by pasting": paste(provider) for provider in Provider},
    **{f"ask {provider}": chat(provider) for provider in Provider},
    "sign in on another device": device,
    "store a key": key,
    "seal the key with a passphrase": passphrase,
    "configure a client": client_secret,
    "renew": renewal,
    "log out": logout,
    "status": status,
}
"""On the command line, by name."""

SCREENS: Final[Mapping[str, Flow]] = {f"chat with {provider} on a screen": screen(provider) for provider in Provider}
"""In the app, by name."""

FLOWS: Final[Mapping[str, Flow]] = {**COMMANDS, **SCREENS}
