"""The system's browser: opened beside the program or not at all."""

from __future__ import annotations

import os
import stat
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from adapters.system.browser import SystemBrowser, is_ours
from adapters.system.redirect_file import NAME, RedirectFile

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
def test_anything_else_is_not_opened(tmp_path: Path, url: str) -> None:
    assert not is_ours(url)
    assert not shown(tmp_path, url)


def shown(home: Path, url: str = URL) -> bool:
    """Whether it was; the file that leads there is gone by then."""
    with SystemBrowser(home=home).showing(url) as opened:
        assert opened or not list(home.glob("*.html"))
    return opened


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
    assert not shown(bin_folder)


@pytest.mark.parametrize("name", ["w3m", "lynx", "links", "www-browser"])
def test_a_browser_that_takes_the_terminal_is_not_started(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    program(bin_folder, name, f"echo taken > {bin_folder}/taken")

    assert not shown(bin_folder)
    assert not (bin_folder / "taken").exists()


def test_the_chosen_browser_gets_a_file_that_leads_on_and_a_silent_place_of_its_own(
    bin_folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    home = tmp_path_factory.mktemp("home of ana's")
    seen = bin_folder / "seen"
    os.mkfifo(seen)
    script = f'echo noise; echo noise >&2; printf "%s|%s" "$1" "$ANA_API_KEY" > {seen}'
    chosen = program(bin_folder, "my-browser", script)
    monkeypatch.setenv("BROWSER", f"{chosen} %s")
    monkeypatch.setenv("ANA_API_KEY", "fake-key-1")

    with SystemBrowser(home=home).showing(URL) as opened:
        assert opened is True
        address, _, key = seen.read_text().partition("|")  # opening a FIFO waits for its writer
        file = Path(unquote(urlsplit(address).path))
        assert (address, key) == ((home / NAME).as_uri(), "")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        page = Page(file.read_text("utf-8"))

    assert page.links == [URL]
    assert page.refresh == f"0; url={URL}"
    assert not file.exists()
    assert capfd.readouterr() == ("", "")


class Page(HTMLParser):
    """Where a page leads, and by what."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.refresh: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag != "script"
        if tag == "a":
            self.links.append(given["href"])
        if given.get("http-equiv") == "refresh":
            self.refresh = given["content"]


def test_what_a_crash_left_is_replaced_and_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    home = tmp_path / "home"
    home.mkdir(0o700)
    (home / NAME).symlink_to(elsewhere)
    orphan = home / f".{NAME}.4194305.0123abcd.tmp"  # no process has that number
    orphan.write_text("left by a crash")

    with RedirectFile(home=home, root=tmp_path).leading_to(URL) as address:
        assert address == (home / NAME).as_uri()
        assert not (home / NAME).is_symlink()
        assert [file.name for file in home.iterdir()] == [NAME]

    assert list(home.iterdir()) == []
    assert elsewhere.read_text() == "precious"


@pytest.mark.parametrize(
    ("home", "snap", "place"),
    [
        ("ana/.code", True, "ana/keyswitch-sign-in"), ("ana/snap/x", True, "ana/keyswitch-sign-in"),
        ("data/code", True, "ana/keyswitch-sign-in"), ("ana/code", True, "ana/code"), ("ana", True, "ana"),
        ("ana/.code", False, "ana/.code"), ("data/code", False, "data/code"),
    ],
)  # fmt: skip
def test_where_snap_is_in_use_the_file_lies_where_its_browsers_may_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, snap: bool, place: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ana"))
    (tmp_path / home).mkdir(0o700, parents=True)
    (tmp_path / "ana").mkdir(exist_ok=True)
    if snap:
        (tmp_path / "snap").mkdir()

    with RedirectFile(home=tmp_path / home, root=tmp_path).leading_to(URL) as address:
        file = Path(unquote(urlsplit(address).path))
        assert file.parent == tmp_path / place
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert not (tmp_path / "ana" / "keyswitch-sign-in").exists()
