"""The system's browser: opened beside the program or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from adapters.system.browser import SystemBrowser, is_ours

URL = "https://auth.example.test/authorize?state=x&scope=a+b"


@pytest.mark.parametrize("url", [URL, "http://127.0.0.1:1455/go/K7Q2", "http://localhost:1/x", "http://[::1]:1/x"])
def test_what_we_build_may_be_opened(url: str) -> None:
    assert is_ours(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://auth.example.test/", "file:///etc/passwd", "javascript:alert(1)", "-headless", "", "https://",
        "https://ana:pw@auth.example.test/", "https://auth.example.test/ x", "https://auth.example.test/\n",
        "https://auth.example.test/%action", "https://[::1", "http://127.0.0.1.example.test/", "https://exämple.test/",
    ],
)  # fmt: skip
def test_anything_else_is_not_opened(url: str) -> None:
    assert not is_ours(url)
    assert SystemBrowser().open(url) is False


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})
    return tmp_path


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_no_browser_is_said_so(bin_folder: Path) -> None:
    assert SystemBrowser().open(URL) is False


@pytest.mark.parametrize("name", ["w3m", "lynx", "links", "www-browser"])
def test_a_browser_that_takes_the_terminal_is_not_started(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    program(bin_folder, name, f"echo taken > {bin_folder}/taken")

    assert SystemBrowser().open(URL) is False
    assert not (bin_folder / "taken").exists()


def test_the_chosen_browser_gets_the_address_and_a_silent_place_of_its_own(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    seen = bin_folder / "seen"
    os.mkfifo(seen)
    script = f'echo noise; echo noise >&2; printf "%s|%s" "$1" "$ANA_API_KEY" > {seen}'
    chosen = program(bin_folder, "my-browser", script)
    monkeypatch.setenv("BROWSER", f"{chosen} %s")
    monkeypatch.setenv("ANA_API_KEY", "fake-key-1")

    assert SystemBrowser().open(URL) is True

    assert seen.read_text() == f"{URL}|"  # opening a FIFO waits for its writer
    assert capfd.readouterr() == ("", "")
