"""What screens and commands get: use cases, wired by `container.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from application.auth_manager import AuthManager
    from application.ports.clock import Clock
    from application.ports.conversation_store import ConversationStore
    from application.ports.event_log import EventLog, EventReader
    from application.ports.master_key import KeyUnlocking
    from application.renewal.background import BackgroundRenewal
    from application.renewal.coordinator import Renewal
    from application.renewal.renew_all import RefreshAll
    from application.sign_in.sign_in import SignIn
    from application.snapshot import ReadSnapshot
    from application.use_cases.accounts import ChooseAccount
    from application.use_cases.api_key import StoreApiKey
    from application.use_cases.borrow_profile import BorrowProfile
    from application.use_cases.check import CheckCredentials
    from application.use_cases.diagnose import Diagnose
    from application.use_cases.go_on_here import GoOnHere
    from application.use_cases.move_key import MoveKey
    from application.use_cases.select_model import SelectModel
    from application.use_cases.send_message import SendMessage
    from application.use_cases.sign_out import SignOut
    from application.use_cases.status import Status
    from application.use_cases.take_over import Adopt, RestoreOriginals, TakeOver
    from application.use_cases.track_record import ReadTrackRecord


@dataclass(frozen=True, slots=True)
class LightServices:
    """What the fast commands need; nothing in it imports a library."""

    home: Path
    clock: Clock
    events: EventLog
    history: EventReader
    track_record: ReadTrackRecord
    snapshot: ReadSnapshot
    status: Status
    select: SelectModel
    stamp: Callable[[], Hashable]
    """Changes when a sign-in or the selection changed, in this or another process; costs two `stat` calls."""


class ServicesReady(Protocol):
    """Hands out the services once they are loaded."""

    async def __call__(self) -> Services:
        """Raises `KeyswitchError` where they cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """All use cases, over the libraries that they need."""

    light: LightServices
    auth: AuthManager
    sign_in: SignIn
    sign_out: SignOut
    choose_account: ChooseAccount
    refresh_all: RefreshAll
    store_api_key: StoreApiKey
    take_over: TakeOver
    adopt: Adopt
    restore_originals: RestoreOriginals
    borrow_profile: BorrowProfile
    renewal: Renewal
    keys: KeyUnlocking
    move_key: MoveKey
    background: BackgroundRenewal
    send: SendMessage
    check: CheckCredentials
    conversations: ConversationStore
    diagnose: Diagnose
    go_on_here: GoOnHere
    close: Callable[[], Awaitable[None]]
    """Let renewals come to their end and close idle connections; call it in the loop that the services were used in."""
    store_news: Callable[[], tuple[str, ...]] = tuple
    """What was put right about the home's files since the last call, each a sentence for the owner."""
    consent: Callable[[str], str] | None = None
    """In the sandbox only: approve an authorize address as a browser would, blocking; None elsewhere."""
