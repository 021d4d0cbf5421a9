"""A sign-in of a machine's own, made there with the browser of another one: nothing is copied."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import tomlkit

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import Keyswitch
from tests.support.ssh_ground import Ground, free_ports

pytestmark = pytest.mark.slow


def configured(there: Ground, sandbox: Sandbox, redirect_port: int) -> Path:
    """The home folder of keyswitch there, which finds ChatGPT at *sandbox*."""
    table = sandbox.provider_settings()["chatgpt"] | {"redirect_ports": [redirect_port]}
    home = there.there / ".code"
    home.mkdir(mode=0o700, exist_ok=True)
    config = home / "config.toml"
    config.write_text(tomlkit.dumps({"providers": {"chatgpt": table}, "auth": {"key_source": "file"}}))
    config.chmod(0o600)
    for path in (home, config):
        os.chown(path, there.user, -1)
    return home


def test_a_machine_signs_in_by_a_forwarded_port_and_goes_on_when_the_old_one_signs_out(
    there: Ground, tmp_path: Path
) -> None:
    with Sandbox() as sandbox:
        old = Keyswitch(tmp_path / "old", {}, forked=True)
        old.configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
        old.sign_in("chatgpt", approve)
        provider = urlsplit(str(sandbox.provider_settings()["chatgpt"]["api_base"])).port
        (port,) = free_ports(1)
        home = configured(there, sandbox, port)
        # Where it is no machine of its own, it sees the provider, and the browser sees it, as it is.
        to_provider = (f"-R{provider}:127.0.0.1:{provider}",) if there.network else ()
        to_there = (f"-L{port}:127.0.0.1:{port}",) if there.network else ()
        login = "keyswitch login chatgpt --no-browser --json"
        with there.running(*to_there, *to_provider, "devbox", login) as signing_in:
            assert signing_in.stdout
            first = json.loads(signing_in.stdout.readline())
            assert urlsplit(first["short_url"]).port == port
            approve(first["short_url"])
            out, err = signing_in.communicate(timeout=60)
        signed_in = json.loads(out.splitlines()[-1])
        assert (signed_in["event"], signed_in["account"]) == ("signed_in", "ana@example.test"), err
        store = home / "auth.json"
        assert (store.stat().st_uid, store.stat().st_mode & 0o777) == (there.user, 0o600)

        assert old("logout", "chatgpt").code == 0
        asked = there.ssh(*to_provider, "devbox", "keyswitch refresh --force && keyswitch ask Hello")
        assert (asked.returncode, sandbox.log.count("chatgpt", "refresh")) == (0, 1), asked.stderr
