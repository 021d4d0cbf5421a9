"""The commands that meet another program's files, and how to tell afterwards whether anything was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from adapters.master_key.in_file import KeyFile
from adapters.sandbox.settings import PEOPLE
from adapters.session_store.originals import Originals
from adapters.system.clock import SystemClock
from tests.faults.kill_scenarios import ANA, Ending, Scenario, Stage
from tests.support.earlier_files import accounts, an_account, written
from tests.support.fault_home import VICTIM, record_lines, sessions

BEN: Final = PEOPLE[1]


class _AmongOthers(Scenario):
    """A home in which files of another program lie."""

    concerned = ""

    def put(self, home: Path, value: Any, name: str = "auth.json") -> bytes:
        path = home / name
        path.write_bytes(written(value))
        path.chmod(0o600)
        return path.read_bytes()

    def codex(self, account: str) -> dict[str, Any]:
        return self.stage.homes.sandbox.codex_auth_file(account)

    def kept(self) -> dict[str, bytes]:
        """What is kept and can be opened, by the names of the files."""
        key = KeyFile(home=self.home).fetch()
        files = Originals(self.home)
        return {
            entry.about.file: files.content(entry, key) for entry in files.entries() if entry.about and key is not None
        }

    def is_ours(self) -> bool:
        path = self.home / "auth.json"
        return path.exists() and path.read_bytes().startswith(b'{"format":')


class TakeOver(_AmongOthers):
    """The first command over an earlier program's home."""

    name = "take over"
    arguments = ("use", "gpt-6.1-sol")

    def prepare(self) -> Path:
        home = self.stage.homes.empty()
        answer = self.stage.homes.sandbox.issue_session(VICTIM.value)
        ends = SystemClock().now() - timedelta(hours=1)
        claude = {name: answer[name] for name in ("access_token", "refresh_token")}
        self._tokens = [str(token).encode() for token in claude.values()]
        claude |= {"expires_at": ends.isoformat(), "email": ANA.email}
        self._originals = {
            "auth.json": self.put(home, {**self.codex(ANA.email), VICTIM.value: claude}),
            "auth_accounts.json": self.put(
                home, accounts(an_account("two", **self.codex(BEN.email))), "auth_accounts.json"
            ),
        }
        return home

    def examine(self) -> Ending:
        ending = Ending.DONE if self.is_ours() else Ending.BEFORE
        if ending is Ending.BEFORE:
            self._check_untouched()
        again = self.after(*self.arguments)
        self.check(again.code == 0, f"the next run fails: {again.err}")
        found = sorted((record.provider.value, record.label) for record in sessions(self.home).records())
        wanted = [("chatgpt", ANA.email), ("chatgpt", BEN.email), ("claude", ANA.email)]
        self.check(found == wanted, f"not everybody was taken over, or somebody twice: {found}")
        self.check(self.kept() == self._originals, "an original is not kept")
        self.check(not (self.home / "auth_accounts.json").exists(), "an original stayed in plain text")
        self.check(self.renewed_afterwards() is None, "what was taken over does not work")
        for path in self.home.rglob("*"):
            plain = path.is_file() and any(token in path.read_bytes() for token in self._tokens)
            self.check(not plain, f"a token stands in {path.name} as it is")
        return ending

    def _check_untouched(self) -> None:
        for name, content in self._originals.items():
            path = self.home / name
            same = path.exists() and path.read_bytes() == content
            self.check(same, f"{name} was changed before it was taken over")


class PutBack(_AmongOthers):
    """A command that finds another program's file in the place of ours."""

    name = "put back"
    arguments = ("use", "gemini-3.8-flash")

    def prepare(self) -> Path:
        home = super().prepare()
        self._mine: Mapping[str, bytes] = record_lines(home)
        self._theirs = self.put(home, self.codex(BEN.email))
        return home

    def examine(self) -> Ending:
        ending = Ending.DONE if self.is_ours() else Ending.BEFORE
        status = json.loads(self.after("status", "--json").out)
        self.check([login["account"] for login in status["found"]] == [BEN.email], "their sign-in is not shown")
        if ending is Ending.BEFORE:
            self.check((self.home / "auth.json").read_bytes() == self._theirs, "their file was changed")
        self.check(self.after(*self.arguments).code == 0, "the next command fails")
        self.check(record_lines(self.home) == self._mine, "a session of ours changed or is gone")
        self.check(self.kept() == {"auth.json": self._theirs}, "their file is not kept")
        self.check(self.renewed_afterwards() is None, "what is ours does not work any more")
        return ending


TAKING_OVER: Final[dict[str, Callable[[Stage], Scenario]]] = {
    scenario.name: scenario for scenario in (TakeOver, PutBack)
}
