"""What every browser promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.system.browser import SystemBrowser
from application.ports.browser import Browser
from tests.support.fake_oauth import FakeBrowser

URL = "https://auth.example.test/authorize?state=x"


class BrowserContract(ABC):
    @abstractmethod
    def make_browser(self, *, works: bool) -> Browser:
        """One that opens, or none at all. The return type is the static half of the contract."""

    def test_it_says_whether_opening_is_known_to_have_failed(self) -> None:
        for works in (True, False):
            with self.make_browser(works=works).showing(URL) as shown:
                assert shown is works

    def test_an_address_is_shown_as_often_as_it_is_asked_for_and_errors_pass(self) -> None:
        browser = self.make_browser(works=True)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), browser.showing(URL):
                _ = 1 / 0


class TestSystemBrowser(BrowserContract):
    @pytest.fixture(autouse=True)
    def _programs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No program is found on the path, and no browser that another test has looked for is remembered."""
        self.home, self.monkeypatch = tmp_path, monkeypatch
        monkeypatch.setenv("PATH", str(tmp_path))
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("webbrowser._browsers", {})

    def make_browser(self, *, works: bool) -> Browser:
        self.monkeypatch.setattr("webbrowser._tryorder", None)
        if works:
            program = self.home / "my-browser"
            program.write_text("#!/bin/sh\n")
            program.chmod(0o700)
            self.monkeypatch.setenv("BROWSER", f"{program} %s")
        else:
            self.monkeypatch.delenv("BROWSER", raising=False)
        return SystemBrowser(home=self.home)


class TestFakeBrowser(BrowserContract):
    def make_browser(self, *, works: bool) -> Browser:
        browser = FakeBrowser()
        browser.works = works
        return browser
