"""What `.gitignore` files say, as far as it concerns a list of names (git-scm.com/docs/gitignore).

git itself is not asked: it runs what the configuration of a foreign repository names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from domain.records import dataclass

_LARGEST: Final = 100_000
"""Characters of such a file that are read."""
_TOKEN: Final = re.compile(r"\*\*+/?|\*|\?|\[[^]/]+\]|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    below: str
    """The folder of its file, with a slash at the end; "" for the first."""
    whole_path: bool
    """Whether it is about the path, or about the last name of it."""
    folders_only: bool
    again: bool
    """Whether it takes back what a rule before it ignored."""

    def about(self, path: str, *, folder: bool) -> bool:
        """Whether it says something of *path*."""
        if (self.folders_only and not folder) or not path.startswith(self.below):
            return False
        inner = path[len(self.below) :]
        return bool(self.pattern.match(inner if self.whole_path else inner.rpartition("/")[2]))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a folder and of those above it; the last that says something counts."""

    rules: tuple[_Rule, ...] = ()

    @classmethod
    def at(cls, folder: Path) -> Rules:
        """Those of *folder* alone."""
        return cls(_read(folder, ""))

    def deeper(self, folder: Path, path: str) -> Rules:
        """With those of *folder*, which is *path* to the first one."""
        more = _read(folder, f"{path}/")
        return Rules((*self.rules, *more)) if more else self

    def ignored(self, path: str, *, folder: bool) -> bool:
        """Whether *path* is to be left out."""
        last = next((rule for rule in reversed(self.rules) if rule.about(path, folder=folder)), None)
        return last is not None and not last.again


def _read(folder: Path, below: str) -> tuple[_Rule, ...]:
    try:
        with (folder / ".gitignore").open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_LARGEST).splitlines()
    except OSError:
        return ()
    return tuple(rule for line in lines if (rule := _rule(line.rstrip(), below)))


def _rule(line: str, below: str) -> _Rule | None:
    if not line or line.startswith("#"):
        return None
    again, line = line.startswith("!"), line.removeprefix("!")
    folders_only, line = line.endswith("/"), line.rstrip("/")
    line = line.removeprefix("**/")
    whole_path = "/" in line
    line = line.removeprefix("/")
    try:
        return _Rule(re.compile(_expression(line)), below, whole_path, folders_only, again) if line else None
    except re.error:
        return None


def _expression(pattern: str) -> str:
    """A regular expression. A star stays within a name, two of them go deeper.

    What stands between two stars is taken where it comes first and not looked for again: a foreign pattern of many
    stars would take for ever otherwise.
    """
    pieces = [("", "")]
    for token in _TOKEN.findall(pattern):
        if token.startswith("*"):
            pieces.append((".*" if token.startswith("**") else "[^/]*", ""))
        else:
            wild, fixed = pieces[-1]
            pieces[-1] = (wild, fixed + _fixed(token))
    (_, first), *middle = pieces
    last = "".join(middle.pop()) if middle else ""
    return first + "".join(f"(?>{wild}?{fixed})" for wild, fixed in middle) + last + r"\Z"


def _fixed(token: str) -> str:
    if token == "?":
        return "[^/]"
    if token.startswith("[") and len(token) > 1:
        inner = token[1:-1].replace("\\", r"\\")
        return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
    return re.escape(token.removeprefix("\\") or token)
