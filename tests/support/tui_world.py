"""The app over fakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from application.ports.probe import Probe
from application.settings import Settings
from application.use_cases.diagnose import Diagnose
from domain.auth_mode import AuthMode
from domain.provider import Provider
from domain.session import Credential
from entrypoints.chat.options import TuiOptions
from entrypoints.services import LightServices, Services
from entrypoints.tui.app import KeyswitchApp
from tests.support.fake_oauth import STATE
from tests.support.world import World


class TuiWorld(World):
    """A world with an app in it; everything that the app may use is a fake behind its port."""

    def __init__(self, *credentials: Credential, **changes: Any) -> None:
        super().__init__(*credentials, **changes)
        self.built = 0
        self.closed = 0
        self.consented: list[str] = []
        self.with_consent = False
        self.probes: list[Probe] = []

    @property
    def light(self) -> LightServices:
        return LightServices(
            home=Path("home"),
            clock=self.clock,
            events=self.events,
            history=self.events,
            track_record=self.track_record,
            snapshot=self.snapshot,
            status=self.status,
            select=self.select,
            stamp=lambda: (self.sessions.stamp(), self.config.stamp()),
        )

    def services(self) -> Services:
        self.built += 1
        return Services(
            light=self.light,
            auth=self.auth,
            sign_in=self.sign_in,
            sign_out=self.sign_out,
            choose_account=self.choose_account,
            refresh_all=self.refresh_all,
            store_api_key=self.store_api_key,
            take_over=self.take_over,
            adopt=self.adopt,
            restore_originals=self.restore_originals,
            borrow_profile=self.borrow_profile,
            renewal=self.renewal,
            keys=self.keys,
            move_key=self.move_key,
            background=self.background(),
            send=self.send,
            check=self.check,
            conversations=self.conversations,
            diagnose=Diagnose(probes=self.probes),
            go_on_here=self.go_on_here,
            close=self._close,
            consent=self._consent if self.with_consent else None,
        )

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
