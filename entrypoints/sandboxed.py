"""The sandbox with a home that points at it: the one place that names the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tomlkit

from application.settings import KeyPreference
from domain.errors import StoreNotWritable
from domain.provider import Provider
from domain.records import dataclass
from entrypoints.light import light_services
from entrypoints.services import LightServices, Services

if TYPE_CHECKING:
    from adapters.sandbox.request_log import LoggedRequest
    from adapters.sandbox.server import Sandbox
    from entrypoints.rehearsal import Misfortune

_CONFIG: Final = "config.toml"

_PERSONAL: Final = frozenset({"HOME", "USERPROFILE"})
"""The variables that lead to the sign-ins of other programs."""


@dataclass(frozen=True, slots=True)
class OpenSandbox:
    """The three providers on loopback, and a keyswitch whose home points at them."""

    home: Path
    environ: Mapping[str, str]
    """Without any API key, and with `home` as the home folder."""
    sandbox: Sandbox
    approve: Callable[[str], str]
    """What a browser would do with an authorize address; returns where it ended. Blocking."""
    used_before: bool
    """Whether *home* is one of an earlier sandbox, whose sign-ins are of no use at this one."""

    def light(self) -> LightServices:
        """Make the services, with a person who can approve by one key."""
        return light_services(self.home, self.environ, consent=self.approve)

    def services(self) -> Services:
        """Make them, and load the rest of them."""
        return self.light().load()

    def requests(self) -> tuple[LoggedRequest, ...]:
        """What the providers were asked so far, as their own log says."""
        return self.sandbox.log.entries()


@contextmanager
def open_sandbox(home: Path, environ: Mapping[str, str], *, chunk_delay: float | None = None) -> Iterator[OpenSandbox]:
    """Start the sandbox and point *home*, which must be a folder of its own, at it until the context ends.

    *chunk_delay* is the pause between two pieces of an answer, in seconds; None leaves it to the sandbox.

    Raises:
        StoreNotWritable: The folder cannot be written.
    """
    from adapters.sandbox.scripted_browser import approve
    from adapters.sandbox.server import Sandbox
    from adapters.sandbox.settings import SandboxSettings

    settings = SandboxSettings() if chunk_delay is None else SandboxSettings(chunk_delay=chunk_delay)
    with Sandbox(settings=settings) as sandbox:
        used_before = (home / _CONFIG).exists()
        _point_at(home, sandbox.provider_settings())
        mine = {
            name: value for name, value in environ.items() if not name.endswith("_API_KEY") and name not in _PERSONAL
        }
        yield OpenSandbox(home, {**mine, "CODE_HOME": str(home)}, sandbox, approve, used_before)


def sandbox_scenarios() -> dict[str, str]:
    """The misfortunes that can be rehearsed, with a line on each."""
    from adapters.sandbox.scenarios import SCENARIOS

    return {name: scenario.description for name, scenario in SCENARIOS.items()}


def sandbox_misfortune(name: str, opened: OpenSandbox) -> Misfortune:
    """The misfortune *name*, ready to happen at the sandbox.

    Raises:
        KeyError: There is none of that name.
    """
    from adapters.sandbox.scenarios import SCENARIOS
    from adapters.sandbox.scripted_browser import approve
    from entrypoints.rehearsal import Misfortune

    scenario = SCENARIOS[name]
    consent = scenario.consent
    return Misfortune(
        begin=partial(scenario.begin, opened.sandbox),
        approve=partial(approve, account=consent.account, decline=consent.decline, scopes_unticked=consent.unticked),
        acts=scenario.acts,
        providers=tuple(map(Provider, scenario.providers)),
    )


def _point_at(home: Path, settings: Mapping[str, Mapping[str, object]]) -> None:
    """Write the sandbox's addresses into the config of *home*; what else is in it stays.

    Raises:
        StoreNotWritable: The folder cannot be written.
    """
    path = home / _CONFIG
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
        document["providers"] = {name: dict(table) for name, table in settings.items()}
        # A rehearsal leaves nothing behind in the person's keyring.
        document["auth"] = {"key_source": KeyPreference.FILE.value, **document.get("auth", {})}
        path.write_text(tomlkit.dumps(document), "utf-8")
        path.chmod(0o600)
    except OSError as error:
        raise StoreNotWritable(str(home), f"the sandbox's home cannot be written ({error.strerror})") from error
