"""The app over fakes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from application.settings import Settings
from application.use_cases.diagnose import Diagnose
from domain.auth_mode import AuthMode
from domain.provider import Provider
from domain.session import OwnCredential
from entrypoints.chat.options import TuiOptions
from entrypoints.services import Services
from entrypoints.tui.app import KeyswitchApp
from tests.support.fake_oauth import STATE
from tests.support.world import World


class TuiWorld(World):
    """A world with an app in it; everything that the app may use is a fake behind its port."""

    def __init__(self, *credentials: OwnCredential, **changes: Any) -> None:
        self.built = 0
        self.closed = 0
        self.consented: list[str] = []
        self.with_consent = False
        super().__init__(*credentials, **changes)

    def fakes(self) -> dict[str, object]:
        """Those of any world, and what the app calls at its end."""
        return {**super().fakes(), "close": self._close}

    def services(self) -> Services:
        self.built += 1
        consent = self._consent if self.with_consent else None
        return replace(self.loaded, diagnose=Diagnose(probes=self.probes), consent=consent)

    def oauth_url(self, provider: Provider) -> str:
        """The address that the fake provider asks for approval at."""
        where = self.listener.redirect_uri
        return f"https://{provider}.example.test/authorize?state={STATE}&code_challenge={self.oauth.attempts}&redirect_uri={where}"

    def app(self, **options: Any) -> KeyswitchApp:
        return KeyswitchApp(self.services, self.light, TuiOptions(**options))

    async def _close(self) -> None:
        self.closed += 1

    def _consent(self, url: str) -> str:
        self.consented.append(url)
        return "approved"


def selecting(preset: str, mode: AuthMode, **more: Any) -> Settings:
    """Settings of somebody who selected *preset*."""
    return Settings(model=preset, active_auth_provider=mode, clients=frozenset(Provider), **more)
