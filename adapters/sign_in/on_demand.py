"""The listener for processes that may never listen."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager

from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import HeldAddress, OpenListener
from domain.provider import Provider


class ListenerOnDemand:
    """`LoopbackListener`, whose web server is loaded when a sign-in begins."""

    def listen(self, provider: Provider, rule: RedirectRule) -> AbstractAsyncContextManager[OpenListener]:
        from adapters.sign_in.loopback_listener import LoopbackListener

        return LoopbackListener().listen(provider, rule)

    def hold(self, provider: Provider, rule: RedirectRule) -> AbstractContextManager[HeldAddress]:
        from adapters.sign_in.held_address import hold

        return hold(provider, rule)
