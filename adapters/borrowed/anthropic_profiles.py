"""The profiles that Anthropic's own command-line tool keeps (`ant auth login`), as its SDKs read them.

    <folder>/configs/<profile>.json        whose it is and where it may be sent
    <folder>/credentials/<profile>.json    the token, 0600

The tool renews the token. This program asks it to where the token has run out, and otherwise only reads.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from adapters.files.private_file import FileRefused, PrivateFile, read_private
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import SourceUnusable
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass
from domain.session import Session
from domain.text.moments import moment_from_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from application.ports.clock import Clock
    from domain.text.secret import Secret

TOOL: Final = "ant"
TOOL_SECONDS: Final = 20.0
"""It renews over the network."""

_LONGEST_NAME: Final = 64

_LIMIT: Final = 64 * 1024
_API: Final = "https://api.anthropic.com"
_RESERVE: Final = timedelta(seconds=30)
"""The vendor's SDKs renew a token before its use from here on."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: Secret
    expires_at: datetime | None


class AnthropicProfiles:
    """Profiles in the folder of Anthropic's tool."""

    def __init__(self, *, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock

    def names(self) -> tuple[str, ...]:
        """The profiles that have a configuration."""
        try:
            files = sorted((self._folder() / "configs").glob("*.json"))
        except OSError:
            return ()
        return tuple(file.stem for file in files if _is_name(file.stem))

    def record(self, name: str) -> CredentialRecord:
        """What is known of it. Raises as the port says."""
        config, token = self._config(name), self._token(name)
        return CredentialRecord(
            key=CredentialKey(Provider.CLAUDE, f"profile:{name}", CredentialKind.BORROWED),
            label=name,
            payer=Payer.CONSOLE,
            active=True,
            generation=0,
            session_id=f"profile:{name}",
            obtained_at=self._clock.now(),
            access_expires_at=token.expires_at,
            api_base=_text(config, "base_url") or _API,
            api_account=_text(config, "workspace_id"),
        )

    def load(self, record: CredentialRecord) -> Session:
        """The token. Raises as the port says."""
        name = record.key.account.removeprefix("profile:")
        token, current = self._token(name), self.record(name)
        if token.expires_at is None or self._clock.now() < token.expires_at - _RESERVE:
            return Session(current, token.value)
        return Session(current, self._printed(name))

    def _folder(self) -> Path:
        named = self._environ.get("ANTHROPIC_CONFIG_DIR", "")
        if named:
            return Path(named)
        if sys.platform == "win32":
            return Path(self._environ.get("APPDATA", "")) / "Anthropic"
        return Path.home() / ".config" / "anthropic"

    def _config(self, name: str) -> dict[str, Any]:
        if not _is_name(name):
            raise SourceUnusable(name, "that is no profile's name")
        path = self._folder() / "configs" / f"{name}.json"
        content = _read(name, path)
        if content is None:
            known = ", ".join(self.names())
            raise SourceUnusable(name, f"there is none of that name (found: {known or 'none'})")
        return _members(name, path, content)

    def _token(self, name: str) -> _Token:
        config = self._config(name)
        authentication = config.get("authentication")
        named = authentication.get("credentials_path") if isinstance(authentication, dict) else None
        path = Path(named) if isinstance(named, str) and named else self._folder() / "credentials" / f"{name}.json"
        content = _read(name, path)
        if content is None:
            raise SourceUnusable(name, "it is signed out")
        if content.loose:
            raise SourceUnusable(name, f"its credentials can be read by others (mode {content.mode:04o})")
        members = _members(name, path, content)
        expires = members.get("expires_at")
        return _Token(_token_of(name, members.get("access_token")), moment_from_number(expires))

    def _printed(self, name: str) -> Secret:
        """The token that the tool prints: it renews what has run out, and nobody else may."""
        import shutil
        import subprocess

        from adapters.system.child_environment import child_environment

        tool = shutil.which(TOOL, path=self._environ.get("PATH"))
        if tool is None:
            raise SourceUnusable(name, f"its token has run out, and `{TOOL}`, which renews it, is not on the path")
        environment = {**child_environment(self._environ), "ANTHROPIC_PROFILE": name}
        try:
            done = subprocess.run(
                [tool, "auth", "print-credentials", "--access-token"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TOOL_SECONDS, env=environment,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired, ValueError):
            raise SourceUnusable(name, f"its token has run out, and `{TOOL}` did not renew it") from None
        if done.returncode != 0:
            raise SourceUnusable(name, f"its token has run out, and `{TOOL}` did not renew it")
        return _token_of(name, done.stdout.strip())


def _is_name(text: str) -> bool:
    """A profile's name becomes a file's name, so it is none that leads elsewhere."""
    plain = text.replace("-", "").replace("_", "").replace(".", "")
    return plain.isascii() and plain.isalnum() and not text.startswith(".") and len(text) <= _LONGEST_NAME


def _read(name: str, path: Path) -> PrivateFile | None:
    try:
        return read_private(path, limit=_LIMIT)
    except FileRefused as refusal:
        raise SourceUnusable(name, f"of {path.name}: {refusal}") from None


def _members(name: str, path: Path, file: PrivateFile) -> dict[str, Any]:
    try:
        members = json.loads(file.content)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise SourceUnusable(name, f"{path.parent.name}/{path.name} is no JSON object")
    return members


def _token_of(name: str, value: object) -> Secret:
    if not isinstance(value, str) or not value or not all("!" <= sign <= "~" for sign in value):
        raise SourceUnusable(name, "it holds no usable token")
    from domain.text.secret import Secret  # here: hardly a home borrows

    token = Secret(value)
    if token.mark is not None and token.mark.provider is not Provider.CLAUDE:
        raise SourceUnusable(name, f"its token looks like {token.mark.vendor}'s, not like Claude's")
    return token


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) and value.isascii() and value.isprintable() else ""
