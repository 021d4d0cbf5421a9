"""What screens and commands get: use cases, wired by `light.py` and `container.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from pathlib import Path

    from application.auth_manager import AuthManager
    from application.ports.browser import Browser
    from application.ports.clipboard import Clipboard
    from application.ports.clock import Clock
    from application.ports.conversation_store import ConversationStore
    from application.ports.event_log import EventReader
    from application.ports.forwarding.agent import Agent
    from application.ports.master_key import KeyUnlocking
    from application.ports.parking.reach import Reach
    from application.ports.person_files import AttachableFiles, NewFiles, OutputFiles
    from application.ports.writing.draft_store import DraftStore
    from application.ports.writing.text_editor import TextEditor
    from application.renewal.background import BackgroundRenewal
    from application.renewal.coordinator import Renewal
    from application.sign_in.sign_in import SignIn
    from application.spending.switch_cost import SwitchCost
    from application.use_cases.accounts import ChooseAccount
    from application.use_cases.api_key import StoreApiKey
    from application.use_cases.borrow_profile import BorrowProfile
    from application.use_cases.check import CheckCredentials
    from application.use_cases.check_key import CheckApiKey
    from application.use_cases.diagnose import Diagnose
    from application.use_cases.enter_client import EnterClient
    from application.use_cases.go_on_here import GoOnHere
    from application.use_cases.models.refresh_model_lists import RefreshModelLists
    from application.use_cases.move_key import MoveKey
    from application.use_cases.parked_messages import ParkedMessages
    from application.use_cases.past import Past
    from application.use_cases.preferences import Preferences
    from application.use_cases.read_usage import ReadUsage
    from application.use_cases.send_message import SendMessage
    from application.use_cases.sign_out import SignOut
    from application.use_cases.take_over import Adopt, RestoreOriginals, TakeOver
    from application.use_cases.track_record import ReadTrackRecord


@dataclass(frozen=True, slots=True)
class LightServices:
    """What the fast commands need; nothing in it imports a library."""

    home: Path
    clock: Clock
    clipboard: Clipboard
    history: EventReader
    track_record: ReadTrackRecord
    auth: AuthManager
    conversations: Callable[[], ConversationStore]
    """Make the store of conversations, once; SQLite is loaded then."""
    usage: Callable[[], ReadUsage]
    """Make what reads the ledger, once; SQLite is loaded then."""
    new_files: Callable[[], NewFiles]
    preferences: Preferences
    parked: Callable[[], ParkedMessages]
    """Make the outbox, once."""
    stamp: Callable[[], Hashable]
    """Changes when a sign-in or the selection changed, in this or another process; costs some `stat` calls."""
    load: Callable[[], Services]
    """Load the libraries of all that is not light. Later calls hand out the same services."""


class ServicesReady(Protocol):
    """Hands out the services once they are loaded."""

    async def __call__(self) -> Services:
        """Wait for them. Raises `KeyswitchError` where they cannot be loaded."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """All that a face may ask for. Each member is made as the container's part of the same name."""

    light: LightServices
    sign_in: SignIn
    sign_out: SignOut
    choose_account: ChooseAccount
    store_api_key: StoreApiKey
    enter_client: EnterClient
    take_over: TakeOver
    adopt: Adopt
    restore_originals: RestoreOriginals
    borrow_profile: BorrowProfile
    renewal: Renewal
    keys: KeyUnlocking
    move_key: MoveKey
    background: BackgroundRenewal
    send: SendMessage
    switch_cost: SwitchCost
    check: CheckCredentials
    check_key: CheckApiKey
    refresh_model_lists: RefreshModelLists
    conversations: ConversationStore
    drafts: DraftStore
    editor: TextEditor
    past: Past
    attachable: AttachableFiles
    output_files: OutputFiles
    reach: Reach
    browser: Browser
    diagnose: Diagnose
    go_on_here: GoOnHere
    load_libraries: Callable[[], None]
    """Load what requests and sign-ins take, a quarter of a second and some 20 MiB; for a thread."""
    agent: Agent
    close: Callable[[], Awaitable[None]]
    """Let renewals come to their end and close idle connections; call it in the loop that the services were used in."""
    store_news: Callable[[], tuple[str, ...]]
    """What was put right about the home's files since the last call, each a sentence for the owner."""
    consent: Callable[[str], str] | None
    """In the sandbox only: approve an authorize address as a browser would, blocking; None elsewhere."""
