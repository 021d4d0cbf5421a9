"""Chromium without a window, driven by the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""The name of a reference to an element (WebDriver, 12.1)."""

_ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
    "--window-size=800,600",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
"""It runs as root in CI, hence no sandbox of its own; and it looks up no host but this machine."""

LONGEST: Final = 60.0
"""Seconds for one command; a page may wait for something."""


class Browser:
    """One session of one Chromium, with one tab."""

    def __init__(self, driver: httpx2.Client, session: str) -> None:
        self._driver = driver
        self._session = session

    def open(self, url: str) -> None:
        """Go to *url*, and wait until the page is loaded."""
        self._do("POST", "url", {"url": url})

    @property
    def url(self) -> str:
        """What the address bar holds."""
        return str(self._do("GET", "url"))

    @property
    def source(self) -> str:
        """The page as it is now."""
        return str(self._do("GET", "source"))

    def text(self, selector: str) -> str:
        """What a person reads in the first element that *selector* finds."""
        return str(self._do("GET", f"element/{self._find(selector)}/text"))

    def click(self, selector: str) -> None:
        """Press the first element that *selector* finds, and wait for the page that follows."""
        self._do("POST", f"element/{self._find(selector)}/click", {})

    def run(self, script: str) -> Any:
        """What the body of a function in the page returns."""
        return self._do("POST", "execute/sync", {"script": script, "args": []})

    def wait_for(self, script: str, complete: Callable[[Any], bool]) -> Any:
        """What *script* returns, once it is *complete*: asked again until then, or until `LONGEST` is over."""
        ends = time.monotonic() + LONGEST
        while not complete(found := self.run(script)):
            assert time.monotonic() < ends, "the page never got there"
        return found

    def devtools(self, command: str, **parameters: Any) -> Any:
        """A command of the Chrome DevTools protocol."""
        return self._do("POST", "goog/cdp/execute", {"cmd": command, "params": parameters})

    def colours(self, scheme: str) -> None:
        """Prefer `dark` or `light`."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.devtools("Emulation.setEmulatedMedia", features=[feature])

    def entries(self) -> list[str]:
        """The addresses in this tab's history, oldest first."""
        return [entry["url"] for entry in self.devtools("Page.getNavigationHistory")["entries"]]

    def picture(self) -> bytes:
        """A PNG of the page."""
        return base64.b64decode(self._do("GET", "screenshot"))

    def _find(self, selector: str) -> str:
        return str(self._do("POST", "element", {"using": "css selector", "value": selector})[_ELEMENT])

    def _do(self, method: str, what: str, body: object = None) -> Any:
        answer = self._driver.request(method, f"/session/{self._session}/{what}", json=body)
        value = answer.json()["value"]
        assert answer.is_success, f"{method} {what}: {json.dumps(value)[:500]}"
        return value


@contextmanager
def browsing(chromium: str, chromedriver: str, profile: Path) -> Iterator[Browser]:
    """A Chromium that keeps what it keeps in *profile*; it has ended when the context has."""
    with _driver(chromedriver) as driver:
        options = {"binary": chromium, "args": [*_ARGUMENTS, f"--user-data-dir={profile}"]}
        capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        answer = driver.post("/session", json={"capabilities": capabilities})
        assert answer.is_success, answer.text[:500]
        session = answer.json()["value"]["sessionId"]
        try:
            yield Browser(driver, session)
        finally:
            driver.delete(f"/session/{session}")


@contextmanager
def _driver(chromedriver: str) -> Iterator[httpx2.Client]:
    process = subprocess.Popen([chromedriver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        with process, httpx2.Client(base_url=_address(process), trust_env=False, timeout=LONGEST) as client:
            yield client
            process.terminate()
    finally:
        process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Where it listens, by its own words."""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"started successfully on port (\d+)", line)
        if found:
            return f"http://127.0.0.1:{found[1]}"
    raise AssertionError("chromedriver did not start")
