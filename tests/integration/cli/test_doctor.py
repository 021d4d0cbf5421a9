"""`keyswitch doctor`: what is in the way, one fix a line, and nothing touched."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from pathlib import Path

import pytest

from adapters.sandbox.server import Sandbox
from tests.support.command import Ended, Keyswitch

pytestmark = pytest.mark.slow

AREAS = {
    "place", "config", "store", "key", "clock", "proxy", "certificates", "hosts", "loopback", "ports", "browser",
}  # fmt: skip


def of_area(ended: Ended, area: str) -> list[dict[str, str]]:
    return [finding for finding in ended.document["findings"] if finding["area"] == area]


def problems(ended: Ended) -> set[str]:
    return {finding["area"] for finding in ended.document["findings"] if finding["verdict"] == "problem"}


def everything(folder: Path) -> dict[str, tuple[int, int, int, int, bytes]]:
    """Each file and folder of *folder*, itself included: mode, inode, size, time of change, content."""
    found = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path)] = (status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, content)
    return found


def test_at_the_sandbox_all_is_well_and_every_area_is_looked_at(signed_in: Keyswitch) -> None:
    ended = signed_in("doctor", "--json")

    assert ended.code == 0, ended.out
    assert ended.document["ok"] is True
    assert {finding["area"] for finding in ended.document["findings"]} >= AREAS
    assert "2 sign-ins" in of_area(ended, "store")[0]["what"]
    assert all("answers in" in finding["what"] for finding in of_area(ended, "hosts"))


def test_it_says_so_on_a_line_each_with_sign_and_word(signed_in: Keyswitch) -> None:
    ended = signed_in("doctor")

    findings = [line for line in ended.lines if not line.startswith("     fix: ")]
    assert len(findings) >= len(AREAS)
    assert all(line.split()[1] in {"ok", "warning", "problem"} for line in findings)
    assert any(line.startswith("✅ ok      store        2 sign-ins in ") for line in findings)
    assert "Nothing was changed." in ended.err


def test_nothing_is_changed(signed_in: Keyswitch) -> None:
    before = everything(signed_in.home)

    assert signed_in("doctor").code == 0

    assert everything(signed_in.home) == before


def test_no_home_is_made(keyswitch: Keyswitch, sandbox: Sandbox, tmp_path: Path) -> None:
    ended = keyswitch("doctor", "--json", CODE_HOME=str(tmp_path / "nowhere" / "home"))

    assert not (tmp_path / "nowhere").exists()
    assert "nothing is stored yet" in of_area(ended, "store")[0]["what"]


def test_no_request_carries_a_credential(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.log.clear()

    signed_in("doctor")

    asked = sandbox.log.entries()
    assert {request.provider for request in asked} == {"chatgpt", "claude", "gemini"}
    assert {(request.method, request.path, request.credential) for request in asked} == {("HEAD", "/", "none")}


def test_no_secret_is_shown(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    secrets = [
        str(table["client_secret"]) for table in sandbox.provider_settings().values() if "client_secret" in table
    ]
    assert secrets
    shown = [
        signed_in("doctor", *more, HTTPS_PROXY="http://ana:fake-password@127.0.0.1:1") for more in ((), ("--json",))
    ]

    stored = json.loads((signed_in.home / "auth.json").read_text("utf-8"))
    assert stored["records"]
    for ended in shown:
        assert "fake-password" not in ended.out + ended.err
        assert not any(secret in ended.out for secret in [*secrets, "eyJ"])
        assert "ana@example.test" not in ended.out


@pytest.mark.parametrize("as_json", [False, True])
def test_offline_it_names_every_host_within_ten_seconds(keyswitch: Keyswitch, as_json: bool) -> None:
    """The hosts are names that nobody has (RFC 6761, 6.4)."""
    table = {
        name: {
            "client_id": "fake-client",
            "authorize_url": f"https://auth.{name}.invalid/authorize",
            "token_url": f"https://token.{name}.invalid/token",
            "api_base": f"https://api.{name}.invalid",
        }
        for name in ("chatgpt", "claude", "gemini")
    }
    keyswitch.configure(providers=table)
    started = time.monotonic()

    ended = keyswitch("doctor", *(["--json"] if as_json else []))

    assert time.monotonic() - started < 10
    assert ended.code == 5
    for name in table:
        for host in ("auth", "token", "api"):
            assert f"https://{host}.{name}.invalid" in ended.out


def test_a_host_that_answers_nothing_is_given_up_in_time(at_sandbox: Keyswitch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        at_sandbox.configure(
            providers={
                "claude": {
                    "client_id": "fake-client",
                    "authorize_url": f"{url}/authorize",
                    "token_url": f"{url}/token",
                    "api_base": url,
                }
            }
        )
        started = time.monotonic()
        ended = at_sandbox("doctor", "--json")

    assert time.monotonic() - started < 10
    (finding,) = [one for one in of_area(ended, "hosts") if url in one["what"]]
    assert "did not answer in time" in finding["what"]
    assert ended.code == 5


def test_a_config_that_makes_no_sense_is_the_first_thing_to_mend(keyswitch: Keyswitch) -> None:
    (keyswitch.home / "config.toml").write_text("providers = \n")

    ended = keyswitch("doctor", "--json")

    assert ended.code == 7
    assert problems(ended) == {"config"}
    assert of_area(ended, "config")[0]["fix"].startswith("edit ")


def test_a_value_that_this_version_does_not_know_is_a_warning(keyswitch: Keyswitch) -> None:
    (keyswitch.home / "config.toml").write_text('active_auth_provider = "grok"\n')
    found = of_area(keyswitch("doctor", "--json"), "config")
    assert [finding["verdict"] for finding in found] == ["ok", "warning"]
    assert "makes sense" not in found[0]["what"]
    assert "grok" in found[1]["what"]


def test_a_store_that_cannot_be_read_is_a_problem_and_stays_as_it_is(signed_in: Keyswitch) -> None:
    path = signed_in.home / "auth.json"
    (signed_in.home / "auth.json.bak").unlink(missing_ok=True)
    path.write_bytes(b"{" + path.read_bytes()[:40])
    before = everything(signed_in.home)

    ended = signed_in("doctor", "--json")

    assert ended.code == 7
    assert problems(ended) == {"store"}
    assert everything(signed_in.home) == before


def test_files_that_others_can_read_are_named_and_left(signed_in: Keyswitch) -> None:
    path = signed_in.home / "auth.json"
    path.chmod(0o644)

    ended = signed_in("doctor", "--json")

    (finding,) = [one for one in of_area(ended, "store") if one["verdict"] == "warning"]
    assert finding["what"] == f"{path} is open to others (mode 0644)"
    assert finding["fix"] == f"chmod go= {path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_taken_port_is_named_with_its_owner(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {name: dict(table) for name, table in sandbox.provider_settings().items()}
        settings["chatgpt"]["redirect_ports"] = [port]
        settings["claude"]["redirect_ports"] = [port, 0]
        at_sandbox.configure(providers=settings)

        ended = at_sandbox("doctor", "--json")

    chatgpt, claude, _ = of_area(ended, "ports")
    assert f"port {port} for the sign-in to ChatGPT is taken by" in chatgpt["what"]
    assert f"(process {os.getpid()})" in chatgpt["what"]
    assert (chatgpt["verdict"], claude["verdict"]) == ("problem", "warning")
    assert "another one will be used" in claude["what"]
    assert ended.code == 1


def test_an_unusable_proxy_and_unusable_certificates_are_named(keyswitch: Keyswitch, tmp_path: Path) -> None:
    ended = keyswitch("doctor", "--json", HTTPS_PROXY="socks5://127.0.0.1:1", SSL_CERT_FILE=str(tmp_path / "none.pem"))

    assert ended.code == 7
    assert of_area(ended, "proxy")[0]["fix"] == "correct or unset HTTPS_PROXY"
    assert of_area(ended, "certificates")[0]["fix"].startswith("correct or unset SSL_CERT_FILE")


def test_it_is_a_command_like_the_others(keyswitch: Keyswitch) -> None:
    assert keyswitch("doctor", "--help").code == 0
    assert keyswitch("doctor", "now").code == 2
    assert "doctor" in keyswitch("--help").out
