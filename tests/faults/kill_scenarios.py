"""The commands that change a home, and how to tell afterwards whether anything was lost."""

from __future__ import annotations

import json
import re
import ssl
import stat
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx2

from adapters.sandbox.scripted_browser import PageRefused, approve
from adapters.sandbox.settings import PEOPLE
from domain.session import Session
from entrypoints.light import light_parts
from tests.support.fault_home import VICTIM, Homes, record_lines, sessions, victim, victim_key
from tests.support.fault_process import LONGEST, Injection, Laboratory, Run

ANA: Final = PEOPLE[0]
_TIME: Final = re.compile(r"\b\d\d:\d\d\b")


class Ending(StrEnum):
    """What a command that was cut off left behind."""

    BEFORE = "as before"
    DONE = "done"
    RECOVERED = "recovered"
    """The provider had rotated the token and nothing was saved, yet the next renewal went through."""
    NAMED = "named"
    """The provider had rotated the token and nothing was saved, and the next renewal says so, with the time."""


class Lost(AssertionError):
    """A promise was not kept; the text says which."""


@dataclass(frozen=True)
class Stage:
    """What a scenario works with."""

    homes: Homes
    laboratory: Laboratory
    """Where the command runs that is disturbed."""
    afterwards: Laboratory
    """Where the commands run that look at what it left."""
    reuse_grace: bool = False
    """Whether the provider forgives a second use of a rotated token."""


class Scenario(ABC):
    """One command over a home of its own, again and again."""

    name: ClassVar[str]
    arguments: ClassVar[tuple[str, ...]]
    concerned: ClassVar[str] = f"{VICTIM.value}/oauth/{ANA.subject}"
    """How the names of the records begin that the command may change."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.home = Path()
        self._neighbours: dict[str, bytes] = {}

    def attempt(self, injection: Injection | None = None) -> Run:
        """The command over a new home, with one of its calls spoilt."""
        self.home = self.prepare()
        self.stage.homes.sandbox.log.clear()
        self._neighbours = self._others()
        run = self.act(injection)
        self.stage.homes.settle()
        return run

    def judge(self) -> Ending:
        """What the last attempt left.

        Raises:
            Lost: Something that it must not.
        """
        status = self.after("status", "--json")
        self.check(status.code in {0, 4}, f"the store does not load: {status.out} {status.err}")
        states = {provider["id"]: provider["state"] for provider in json.loads(status.out)["providers"]}
        self.check(not {"store_damaged", "store_locked"} & set(states.values()), f"the store is unusable: {states}")
        self._check_the_rest()
        ending = self.examine()
        self._check_the_rest()
        self._write_once_more()
        self.check(not list(self.home.glob(".*.tmp")), "a temporary file outlived the next change")
        self.stage.homes.forget(self.home)
        return ending

    def prepare(self) -> Path:
        """A home to do it in."""
        return self.stage.homes.signed_in()

    def act(self, injection: Injection | None) -> Run:
        """Run the command to its end or its death."""
        return self.stage.laboratory.traced(self.home, *self.arguments, injection=injection)

    @abstractmethod
    def examine(self) -> Ending:
        """What became of that which the command was about. Raises `Lost`."""

    def after(self, *arguments: str) -> Run:
        """Another command in a new process, undisturbed."""
        return self.stage.afterwards.run(self.home, *arguments)

    def check(self, condition: bool, promise: str) -> None:
        """Raise `Lost` with *promise* unless it was kept."""
        if not condition:
            raise Lost(promise)

    def renewed_afterwards(self) -> dict[str, Any] | None:
        """The error that a renewal of the victim meets in a new process, None where it is good in the end."""
        run = self.after("refresh", VICTIM.value, "--json")
        outcomes = json.loads(run.out)["outcomes"]
        mine = [outcome for outcome in outcomes if outcome["account"] == ANA.email]
        self.check(len(mine) == 1, f"the session is gone: {run.out} {run.err}")
        error: dict[str, Any] | None = mine[0].get("error")
        if error is None:
            self.check(self.stage.homes.live(victim(self.home)), "the provider does not take what the store holds")
        return error

    def _check_the_rest(self) -> None:
        self.check(self._others() == self._neighbours, "a neighbour changed")
        for path in self.home.rglob("*"):
            loose = stat.S_IMODE(path.lstat().st_mode) & 0o077
            self.check(not loose, f"{path.name} is open to others")

    def _others(self) -> dict[str, bytes]:
        """The records that the command has nothing to do with, byte for byte."""
        return {name: line for name, line in record_lines(self.home).items() if not name.startswith(self.concerned)}

    def _write_once_more(self) -> None:
        """Change each file once: that is when what a dead process left is cleared away."""
        light_parts(self.home, {}).config.set_claude_profile("")
        store = sessions(self.home)
        for record in store.records()[:1]:
            credential = store.load(record.key)
            assert credential is not None
            store.save(credential)


class Refresh(Scenario):
    """A renewal that is due."""

    name = "refresh"
    arguments = ("refresh", VICTIM.value)

    def prepare(self) -> Path:
        home = super().prepare()
        self._before = victim(home)
        return home

    def examine(self) -> Ending:
        rotated = any(entry.rotated for entry in self.stage.homes.requests("refresh"))
        saved = victim(self.home).record.generation > self._before.record.generation
        self.check(rotated or not saved, "something was saved that no provider issued")
        error = self.renewed_afterwards()
        if error is None:
            return Ending.DONE if saved else Ending.RECOVERED if rotated else Ending.BEFORE
        self.check(rotated and not saved, f"lost outside the window: {error}")
        self.check(not self.stage.reuse_grace, f"lost although the provider forgives: {error}")
        self._check_named(error)
        return Ending.NAMED

    def _check_named(self, error: dict[str, Any]) -> None:
        message = error["message"]
        self.check(error["code"] == "refresh_interrupted", f"not named: {error}")
        self.check("interrupted" in message and bool(_TIME.search(message)), f"not named: {message}")
        asked = len(self.stage.homes.requests("refresh"))
        again = json.loads(self.after("refresh", VICTIM.value, "--json").out)["outcomes"]
        self.check([outcome.get("error", {}).get("code") for outcome in again].count(error["code"]) == 1, str(again))
        self.check(len(self.stage.homes.requests("refresh")) == asked, "a token that is known to be dead was sent")


class Switch(Scenario):
    """Another model, and with it another provider."""

    name = "switch"
    arguments = ("use", "gemini-3.8-flash")

    def act(self, injection: Injection | None) -> Run:
        self._store = (self.home / "auth.json").read_bytes()
        self._before = (self.home / "config.toml").read_bytes()
        return super().act(injection)

    def examine(self) -> Ending:
        self.check((self.home / "auth.json").read_bytes() == self._store, "a switch touched the session store")
        after = (self.home / "config.toml").read_bytes()
        if after == self._before:
            ending = Ending.BEFORE
        else:
            said = json.loads(self.after("status", "--json").out)
            self.check((said["model"], said["active"]) == (self.arguments[1], "gemini"), f"half a switch: {said}")
            ending = Ending.DONE
        self.check(self.after(*self.arguments).code == 0, "the next switch fails")
        return ending


class SignOut(Scenario):
    """The end of a sign-in."""

    name = "logout"
    arguments = ("logout", VICTIM.value)
    concerned = VICTIM.value

    def examine(self) -> Ending:
        if victim_key(self.home) is None:
            ending = Ending.DONE
        else:
            revoked = {entry.account for entry in self.stage.homes.requests("revoke")}
            self.check(ANA.email not in revoked, "it was ended at the provider and not here")
            self.check(self.renewed_afterwards() is None, "it is still here and does not work")
            ending = Ending.BEFORE
        self.check(self.after(*self.arguments).code == 0, "the next logout fails")
        self.check(not any(name.startswith(VICTIM.value) for name in record_lines(self.home)), "something came back")
        return ending


class SigningIn(Scenario):
    """A sign-in of somebody who is signed in already."""

    name = "login"
    arguments = ("login", VICTIM.value, "--no-browser", "--json")

    def prepare(self) -> Path:
        home = super().prepare()
        self._before: Session | None = victim(home)
        return home

    def act(self, injection: Injection | None) -> Run:
        browser = Browser()
        run = self.stage.laboratory.traced(self.home, *self.arguments, injection=injection, heard=browser.hear)
        browser.close()
        self._told = browser.told_success or '"signed_in"' in run.out
        return run

    def examine(self) -> Ending:
        saved = victim_key(self.home) is not None and victim(self.home) != self._before
        self.check(saved or not self._told, "success was shown before anything was saved")
        if saved or self._before is not None:
            self.check(self.renewed_afterwards() is None, "what is stored does not work")
        browser = Browser()
        again = self.stage.afterwards.traced(self.home, *self.arguments, heard=browser.hear)
        browser.close()
        self.check(again.code == 0, f"the next sign-in fails: {again.out} {again.err}")
        return Ending.DONE if saved else Ending.BEFORE


class FirstSigningIn(SigningIn):
    """The first sign-in of a home: the master key is made as well."""

    name = "first login"

    def prepare(self) -> Path:
        self._before = None
        return self.stage.homes.empty()


class Browser:
    """Somebody who approves as soon as the address is printed."""

    def __init__(self) -> None:
        self.told_success = False
        self._worker: threading.Thread | None = None

    def hear(self, line: str) -> None:
        """A line of `login --json`."""
        event = json.loads(line)
        if event.get("event") == "authorize":
            self._worker = threading.Thread(target=self._approve, args=(event["short_url"],))
            self._worker.start()

    def close(self) -> None:
        """Wait until the last page is there, or is known not to come."""
        if self._worker is not None:
            self._worker.join()

    def _approve(self, address: str) -> None:
        no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with suppress(httpx2.TransportError, PageRefused):
            callback = approve(address, visit=False)
            with httpx2.Client(trust_env=False, verify=no_tls, timeout=LONGEST) as client:
                self.told_success = "Signed in to" in client.get(callback, follow_redirects=True).text


SCENARIOS: Final[dict[str, Callable[[Stage], Scenario]]] = {
    scenario.name: scenario for scenario in (SigningIn, FirstSigningIn, Refresh, Switch, SignOut)
}
