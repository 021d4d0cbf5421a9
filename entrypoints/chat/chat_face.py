"""The face of a chat: what the controller asks of the app and of the plain mode alike."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from application.sign_in.keep import Whose
from application.sign_in.sign_in import SignedIn
from application.use_cases.api_key import StoredKey
from application.use_cases.past import Joined
from domain.attached.attachment import Attachment
from domain.conversation import Conversation
from domain.credential import CredentialKey
from domain.errors import AuthRejected, KeyswitchError, PayerChange, SessionEnded, SignInNeeded
from domain.provider import Provider
from domain.selection import Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.parking.outbox_face import OutboxFace
from entrypoints.chat.usage.usage_face import UsageFace
from entrypoints.chat.window_state import WindowState
from entrypoints.services import Services

T = TypeVar("T")

Work = Callable[[], Coroutine[Any, Any, object]]
"""What is done beside the rest. A function and no coroutine: one that never starts, since the window closes, leaves
nothing behind.
"""

Entered = SignedIn | StoredKey
"""What comes of a sign-in dialog: somebody signed in, or gave an API key instead."""

NoCredential = SignInNeeded | SessionEnded | AuthRejected
"""What a message fails with where only a sign-in helps."""


class NoteKind(NamedTuple):
    """How a note looks, and whether it stays.

    What happened to the conversation stays: who answers now, who pays, what failed. What only answers a command about
    the app goes with the next message that is sent.
    """

    is_trouble: bool
    stays: bool


NOTE_KINDS: Final = {
    "info": NoteKind(is_trouble=False, stays=True),
    "trouble": NoteKind(is_trouble=True, stays=True),
    "passing": NoteKind(is_trouble=False, stays=False),
    "mistake": NoteKind(is_trouble=True, stays=False),
}
"""By the names that `Showing.say` takes; a mistake is a command that makes no sense here."""


class Waiting(Protocol):
    """How a face waits: the app goes on meanwhile, the plain mode does nothing else."""

    def begin(self, work: Work, *, replacing: str = "") -> None:
        """Do *work*; *replacing* names what it takes the place of, where that still goes on."""
        ...

    async def wait_for(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of *work*, which waits for the network."""
        ...

    async def in_thread(self, call: Callable[[], T]) -> T:
        """The result of *call*, which waits for the disk."""
        ...

    async def services(self, *, opened: bool = True) -> Services:
        """The services; *opened* where the master key is needed.

        Raises:
            KeyswitchError: They cannot be built, or the key stays sealed.
        """
        ...


class Showing(Protocol):
    """What a face says and shows."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs that its terminal can show."""
        ...

    def window_state(self) -> WindowState | None:
        """How things stand now; None while nothing is read yet."""
        ...

    def read_again(self) -> None:
        """Read the sign-ins again, which may have changed."""
        ...

    def say(self, *lines: str, kind: str = "info") -> None:
        """Say something in the conversation; *kind* is one of `NOTE_KINDS`."""
        ...

    def tell(self, *lines: str, kind: str = "info") -> None:
        """Say what came of a wish where the person looks, which may be another screen."""
        ...

    def fail(self, error: KeyswitchError) -> None:
        """Say why a wish came to nothing, and what to do."""
        ...

    def copy(self, text: str, what: str) -> None:
        """Have *text* in the clipboard, and say what came of it; *what* names it at the beginning of a sentence."""
        ...

    def show_models(self, *, usable_only: bool = False) -> None:
        """Show what can be selected."""
        ...

    def show_accounts(self) -> None:
        """Show who is signed in."""
        ...

    def show_help(self) -> None:
        """Show keys and commands."""
        ...

    def show_switch(self, switch: SwitchTo, *, save: bool, way_back: bool) -> None:
        """Confirm a switch; *way_back* says whether `/model -` leads anywhere."""
        ...

    def show_selection(self, selection: Selection, *, save: bool) -> None:
        """The conversation goes on with *selection*: show it wherever the one before stood."""
        ...

    def show_signed_in(self, signed_in: SignedIn) -> None:
        """Say who signed in."""
        ...

    def show_new_conversation(self) -> None:
        """Show an empty conversation."""
        ...

    async def show_earlier_conversation(self, conversation: Conversation) -> None:
        """Show what was said in *conversation*, which goes on."""
        ...

    async def show_joined(self, joined: Joined) -> None:
        """Show what another window made of the conversation that is open here."""
        ...

    def answer(self, text: str, selection: Selection) -> None:
        """Send *text* to what is selected, and show the answer as it comes."""
        ...

    def show_obstacle(self, obstacle: NotPossible | StoreUnusable) -> None:
        """Say why a message was not sent, and what became of it."""
        ...

    def show_failure(self, error: KeyswitchError, *, kept: bool) -> None:
        """Say why a message was not answered; *kept*: something of the answer came."""
        ...

    def leave(self) -> None:
        """End the program, with exit code 0."""
        ...


class Asking(Protocol):
    """What a face asks. Whatever the person agrees to is done by what the controller hands in."""

    def offer_sign_in(self, needed: SignInRequired, sign_in: Callable[[], None], enter_key: Callable[[], None]) -> None:
        """A model, or the conversation's own credential, waits for a sign-in, or for an API key."""
        ...

    def ask_payer_of_model(self, change: PayerChanges, agree: Callable[[], None], *, to_send: bool) -> None:
        """A key would pay for a model; *to_send*: a message waits for the answer."""
        ...

    def ask_payer_of_account(self, change: PayerChange, agree: Callable[[], None]) -> None:
        """A key would pay, for it is the account that was chosen."""
        ...

    def ask_to_sign_out(
        self, provider: Provider, names: Mapping[CredentialKey, str], sign_out: Callable[[CredentialKey | None], None]
    ) -> None:
        """Which of the accounts with *names* are to be signed out; None stands for all of them."""
        ...

    def open_sign_in(
        self, provider: Provider | None, whose: Whose, then: Callable[[Entered], Coroutine[Any, Any, None]]
    ) -> None:
        """Let the person sign in to *provider*, or to one that is chosen there; *then* follows a success."""
        ...


class AskingForKeys(Protocol):
    """How a face asks for what a person has from a provider: an API key."""

    def open_key_entry(self, provider: Provider, then: Callable[[StoredKey], Coroutine[Any, Any, None]]) -> None:
        """Let the person enter an API key of *provider*; *then* follows once it is stored."""
        ...


class Writing(Protocol):
    """Where the next message is written."""

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way."""
        ...

    def edit_message(self, text: str) -> None:
        """Have *text*, the last message, written in other words; what comes of it is sent in its place."""
        ...

    async def show_shortened(self, conversation: Conversation) -> None:
        """Show *conversation*, of which the end is gone or back."""
        ...


class Listing(Protocol):
    """What a face does with conversations that are kept."""

    def show_conversations(self, search: str) -> None:
        """Show the list of them; with *search*, those in which it is found."""
        ...

    async def end_answer(self) -> None:
        """Stop the answer that is on its way, if there is one, and wait until what came of it is kept."""
        ...

    def title_changed(self) -> None:
        """The open conversation is called something else: show it wherever its title stands."""
        ...


class ShowingFiles(Protocol):
    """What goes along with the next message."""

    def show_attached(self, files: tuple[Attachment, ...]) -> None:
        """Show *files*; there may be none any more."""
        ...


class ChatFace(Waiting, Showing, Asking, AskingForKeys, Writing, Listing, ShowingFiles, UsageFace, Protocol):
    """A window in which one chats."""

    @property
    def outbox(self) -> OutboxFace:
        """How it shows what is parked."""
        ...
