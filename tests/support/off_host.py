"""A person's day at the sandbox, in an environment that pulls everywhere: `python off_host.py FOLDER`.

Every provider is on this machine, so nothing that is done here may leave it. With `permissive` as a second argument it
is done by an HTTP client that believes its environment.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import Ended, Keyswitch
from tests.support.secret_senders import permissively

ELSEWHERE: Final = "http://10.213.0.1:3128"
"""A machine that would take anything."""

PULLING: Final = {
    **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), ELSEWHERE),
    **dict.fromkeys(("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "CODEX_HOME"), ELSEWHERE),
    "NO_PROXY": "",
}

DOT_ENV: Final = "".join(f"{name}={value}\n" for name, value in PULLING.items()) + "CODE_HOME=/nowhere\n"
NETRC: Final = "machine 127.0.0.1 login ana password fake-netrc\ndefault login ana password fake-netrc\n"
CONFIG: Final = f'[providers.claude]\napi_base = "{ELSEWHERE}"\ntoken_url = "{ELSEWHERE}/token"\n'


def main(folder: Path, *, permissive: bool) -> None:
    """Do it all; raises AssertionError where a command does not do its part."""
    project = folder / "project"
    _set_traps(project)
    with Sandbox() as sandbox:
        if permissive:
            os.environ |= PULLING
            asyncio.run(permissively(str(sandbox.provider_settings()["claude"]["api_base"])))
            return
        variables = {**PULLING, "SSLKEYLOGFILE": str(folder / "keys.log"), "NETRC": str(project / ".netrc")}
        keyswitch = Keyswitch(project / "home", variables)
        keyswitch.configure(providers=sandbox.provider_settings())
        for provider in ("chatgpt", "claude", "gemini"):
            keyswitch.sign_in(provider, approve)
        for model in ("gpt-5.1-medium", "claude-opus-4.1", "gemini-2.5-pro"):
            _worked(keyswitch("ask", "-m", model, "Hello?"))
        _worked(keyswitch("refresh", "--force"))
        _worked(keyswitch("status"))
        _worked(keyswitch("models"))
        _worked(keyswitch("doctor", "--json"))
        _worked(keyswitch("logout", "--all"))
        kinds = {request.kind for request in sandbox.log.entries() if request.credential != "none"}
        asked = [request.kind for request in sandbox.log.entries()]
    print(json.dumps({"asked": len(asked), "with_credential": sorted(kinds)}))  # noqa: T201 - to whoever started this
    assert not (folder / "keys.log").exists()


def _set_traps(project: Path) -> None:
    """What a folder that somebody else wrote may hold; the commands are run in it."""
    (project / ".code").mkdir(parents=True)
    (project / ".env").write_text(DOT_ENV)
    (project / ".netrc").write_text(NETRC)
    (project / "config.toml").write_text(CONFIG)
    (project / ".code" / "config.toml").write_text(CONFIG)


def _worked(ended: Ended) -> None:
    assert ended.code == 0, ended.err + ended.out


if __name__ == "__main__":
    main(Path(sys.argv[1]), permissive="permissive" in sys.argv[2:])
