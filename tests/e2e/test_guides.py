"""The commands of each guide, typed as they stand, end in a signed-in state. The providers are the sandbox's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.scripted_browser import approve, approve_device
from adapters.sandbox.server import Sandbox
from tests.support.command import LAUNCHER, LONGEST, Keyswitch

pytestmark = pytest.mark.slow

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"
ROOT = LAUNCHER.parent

BROWSER = """#!{python}
import re, sys
sys.path.insert(0, {root!r})
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit
from adapters.sandbox.scripted_browser import approve
page = Path(unquote(urlsplit(sys.argv[1]).path)).read_text()
link = unescape(re.search('href="(.*?)"', page)[1])
waiting = Path({people!r})
people = waiting.read_text().split()
waiting.write_text("\\n".join(people[1:]))
approve(link, account=people[0] if people else "ana@example.test")
"""
"""A browser with a person in front of it, who is the next of a list."""

SHELL = "/bin/sh"

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(guide: str) -> list[str]:
    return BLOCK.findall((GUIDES / guide).read_text(encoding="utf-8"))


class Reader:
    """Somebody with a terminal, a browser, a key and the files that the guides speak of."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.people = folder / "people"
        self.people.write_text("")
        self._script("browser", BROWSER.format(python=sys.executable, root=str(ROOT), people=str(self.people)))
        self._script("keyswitch", f'#!/bin/sh\nexec "{sys.executable}" "{LAUNCHER}" "$@"\n')
        self.keyswitch = Keyswitch(
            folder / "home",
            {
                "BROWSER": str(folder / "browser"),
                "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
                "ANTHROPIC_CONFIG_DIR": str(folder / "anthropic"),
            },
        )
        self.keyswitch.home.mkdir(mode=0o700)

    def configure(self, provider: str, *without: str) -> None:
        """Point the provider at the sandbox, *without* what the guide brings itself."""
        table = self.sandbox.provider_settings()[provider]
        self.keyswitch.configure(providers={provider: {key: table[key] for key in table if key not in without}})

    def write(self, name: str, document: object) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        path.chmod(0o600)

    def types(self, block: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [SHELL, "-e", "-c", block],
            cwd=self.folder,
            env=self.keyswitch.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, f"{block}{done.stdout}{done.stderr}"
        return done

    def _script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def reader(tmp_path: Path, sandbox: Sandbox) -> Reader:
    reader = Reader(tmp_path, sandbox)
    settings = sandbox.settings
    reader.write("client_secret.json", {"installed": {
        "client_id": settings.gemini_client_id,
        "client_secret": settings.gemini_client_secret,
        "project_id": sandbox.provider_settings()["gemini"]["quota_project"],
    }})  # fmt: skip
    return reader


def test_the_guide_to_chatgpt(reader: Reader, sandbox: Sandbox) -> None:
    reader.configure("chatgpt")
    reader.write("key.txt", sandbox.api_keys["chatgpt"][0])
    reader.people.write_text("ana@example.test\nben@example.test\n")
    sign_in, question, second, key, out = blocks("sign-in-chatgpt.md")
    assert "✅ ChatGPT: logged in" in reader.types(sign_in).stdout
    assert reader.types(question).stdout.strip()
    assert "ben@example.test" in reader.types(second).stdout
    assert "Stored the ChatGPT API key" in reader.types(key).stdout
    assert reader.types(out).returncode == 0
    assert "❌ ChatGPT: not logged in" in reader.keyswitch("status").lines


def test_the_guide_to_conversations(reader: Reader) -> None:
    reader.configure("chatgpt")
    reader.types("keyswitch login chatgpt")
    (block,) = blocks("conversations.md")
    lines = reader.types(block).stdout.splitlines()
    assert len([line for line in lines if "Why is the sky blue?" in line]) >= 2


def test_the_guide_to_the_age_of_the_list_of_models(reader: Reader) -> None:
    reader.configure("claude")
    refresh, switch = blocks("models-and-their-age.md")
    assert "Claude: 19 models; nothing new" in reader.types(refresh).stdout
    assert reader.types(switch).returncode == 0


def test_the_guide_to_claude(reader: Reader, sandbox: Sandbox) -> None:
    reader.configure("claude", "client_id")
    reader.write("key.txt", sandbox.api_keys["claude"][0])
    reader.write("anthropic/configs/default.json", {"base_url": sandbox.provider_settings()["claude"]["api_base"]})
    reader.write(
        "anthropic/credentials/default.json", {"access_token": sandbox.issue_session("claude")["access_token"]}
    )
    key, profile, client, out = blocks("sign-in-claude.md")
    assert "✅ Claude: API key" in reader.types(key).stdout
    reader.types(out)
    assert "✅ Claude: borrowed profile" in reader.types(profile).stdout
    reader.types(out)
    own = client.replace("YOUR-CLIENT-ID", sandbox.settings.claude_client_id)
    assert own != client
    assert "✅ Claude: logged in" in reader.types(own).stdout
    assert "❌ Claude: not logged in" in reader.types(f"{out}\nkeyswitch status || true").stdout


def test_the_guide_to_keys_from_a_password_manager(reader: Reader, sandbox: Sandbox) -> None:
    reader.configure("claude")
    reader.write("key.txt", f"{sandbox.api_keys['claude'][0]}\n")
    reader.write("pass", f"#!/bin/sh\n[ \"$*\" = 'show anthropic' ] && cat {reader.folder / 'key.txt'}\n")
    (reader.folder / "pass").chmod(0o700)
    (block,) = blocks("keys-from-a-password-manager.md")
    said = reader.types(block)
    assert "✅ Claude: API key from the command `pass show anthropic`" in said.stdout
    assert said.stdout.splitlines()[-1].strip()
    assert not (reader.keyswitch.home / "auth.json").exists()
    reader.write("key.txt", "one\ntwo\n")
    failed = reader.keyswitch("ask", "-m", "claude-opus-4.1", "Why?")
    assert failed.code == 4
    assert "The command `pass show anthropic` gave no Claude key. It printed 2 lines" in failed.err
    assert "run: pass show anthropic" in failed.err


def test_the_guide_to_gemini(reader: Reader, sandbox: Sandbox) -> None:
    reader.configure("gemini", "client_id", "client_secret", "quota_project")
    reader.write("key.txt", sandbox.api_keys["gemini"][0])
    key, client, out = blocks("sign-in-gemini.md")
    assert "✅ Gemini: API key" in reader.types(key).stdout
    reader.types(out)
    assert "✅ Gemini: logged in" in reader.types(client).stdout
    reader.types(out)


def test_the_guide_to_several_accounts(reader: Reader) -> None:
    reader.configure("claude")
    reader.people.write_text("ana@example.test\nben@example.test\nana@example.test\n")
    reader.write("key.txt", reader.sandbox.api_keys["claude"][0])
    add, again, out, keys, history = blocks("several-accounts.md")
    assert reader.types(add).stdout.splitlines()[-2] == "Claude uses ben@example.test (expires in 30 days)."
    assert "Logged in to Claude as ana@example.test" in reader.types(again).stdout
    said = reader.types(history).stdout
    assert "Claude account chosen (ben@example.test)" in said
    assert json.loads(said.splitlines()[-1])["authentications"]["failed"] == 0
    reader.types(out)
    assert reader.keyswitch("accounts", "--json").document["accounts"] == []
    for line in keys.splitlines()[:2]:
        reader.types(line)
    assert "API key" in reader.keyswitch("status").out
    reader.types("keyswitch logout claude --account work")
    assert reader.keyswitch("accounts", "--json").document["accounts"] == []


def test_the_guide_to_other_machines(reader: Reader) -> None:
    paste, device, script = blocks("ssh-and-containers.md")
    reader.configure("chatgpt")
    with reader.keyswitch.started(*paste.split()[1:]) as process:
        assert process.stderr is not None
        assert process.stdin is not None
        full = next(line for line in process.stderr if line.startswith("http") and "code_challenge" in line)
        process.stdin.write(f"{approve(full.strip(), visit=False)}\n")
        process.stdin.flush()
        assert process.wait(timeout=LONGEST) == 0
    assert "✅ ChatGPT: logged in" in reader.keyswitch("status").out

    reader.keyswitch("logout", "chatgpt")
    with reader.keyswitch.started(*script.split()[1:]) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdin.write(f"{approve(json.loads(process.stdout.readline())['url'], visit=False)}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["event"] == "signed_in"
        assert process.wait(timeout=LONGEST) == 0

    reader.configure("claude")
    with reader.keyswitch.started(*device.split()[1:]) as process:
        assert process.stderr is not None
        lines = [line.strip() for _, line in zip(range(5), process.stderr, strict=False)]
        page = next(line for line in lines if line.startswith("http"))
        approve_device(page, lines[lines.index(page) + 2])
        assert process.wait(timeout=LONGEST) == 0
    assert "✅ Claude: logged in" in reader.keyswitch("status").out


def test_the_guide_to_proxies_names_the_proxy_and_changes_nothing(reader: Reader) -> None:
    doctor, certificates = blocks("proxy.md")
    reader.configure("chatgpt")
    looked = subprocess.run(
        [SHELL, "-c", doctor],
        env=reader.keyswitch.environment(HTTPS_PROXY="http://127.0.0.1:9"),
        cwd=reader.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert "127.0.0.1:9" in looked.stdout
    assert certificates.startswith("export SSL_CERT_FILE=")
