"""What happens in a chat, whichever face it has: what a command does, what a message needs, who pays for it.

The app and the plain mode each have a `ChatFace`, which says, shows and asks. What follows is decided here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from application.sign_in.keep import ANYBODY, Whose
from application.sign_in.sign_in import SignedIn
from application.use_cases.api_key import StoredKey
from domain.accounts import account_names, find_account
from domain.conversation import Conversation, Origin
from domain.conversations.thread import Thread
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import KeyswitchError, PayerChange
from domain.provider import FIRST, Provider
from domain.records import replace
from domain.selection import Held, Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo, is_away
from domain.text.untrusted import untrusted_line
from entrypoints.chat.amending import Amending
from entrypoints.chat.attachments.attaching import Attaching
from entrypoints.chat.chat_face import ChatFace, Entered, Work
from entrypoints.chat.copying import Copying
from entrypoints.chat.holding import Holding
from entrypoints.chat.kept_conversations import KeptConversations
from entrypoints.chat.key_entry import KeyEntry
from entrypoints.chat.parking.outbox import OutboxController
from entrypoints.chat.past_turns import PastTurns
from entrypoints.chat.picking.preferring import Preferring
from entrypoints.chat.spending.spending import Spending
from entrypoints.chat.usage.usage_controller import UsageController
from entrypoints.chat.window_state import WindowState
from entrypoints.services import LightServices
from entrypoints.words.account_changes import chosen_lines, signed_out_words
from entrypoints.words.findings import finding_lines, summary
from entrypoints.words.payer import UNKNOWN_HELD
from entrypoints.words.ways_in import with_fixes_that_work


class ChatController:
    """The conversation of one window."""

    def __init__(self, face: ChatFace, light: LightServices, *, saved: bool) -> None:
        """*saved* says whether conversations are stored."""
        self._face = face
        self._light = light
        self._saved = saved
        self._before: str | None = None
        self._thread: Thread | None = None
        self.holding = Holding()
        self.preferring = Preferring(face, light.preferences, self._begin)
        self.past = PastTurns(face, lambda: self._thread)
        self.attaching = Attaching(face, lambda: self.conversation)
        self.copying = Copying(face, lambda: self.conversation)
        self.keys = KeyEntry(face, self.holding, select=self._select, go_on_as=self._go_on_as)
        self.kept = KeptConversations(self, face, light, self._begin)
        self.spending = Spending(face, lambda: self.thread)
        self.outbox = OutboxController(self, face, light)
        self._amending = Amending(
            face, lambda: self._thread, self.past.look, self.attaching.give_back, self.send, self.outbox.send_same
        )
        self.usage = UsageController(face, light, lambda: self.conversation)
        self.starting = False
        """Whether what the command line asked for is under way: what is selected meanwhile is for this run."""

    @property
    def thread(self) -> Thread:
        """The conversation that goes on; it begins when it is first asked for."""
        if self._thread is None:
            begun = Conversation(uuid4().hex, self._light.clock.now(), origin=Origin.APP)
            self._thread = Thread(begun, saved=self._saved)
        return self._thread

    @property
    def conversation(self) -> Conversation | None:
        """What was said so far; None where nothing has begun."""
        return self._thread.conversation if self._thread else None

    # Models.

    def pick_model(self, name: str, *, save: bool = True) -> None:
        """`/model`: select one by name; `-` is the one before, and without a name all are shown."""
        if not name:
            self._face.show_models()
        elif name != "-":
            self.select(name, save=save)
        elif self._before is not None:
            self.select(self._before, save=save)
        else:
            self._face.say("There is no model before this one yet. /model shows them all.", kind="mistake")

    def select(self, name: str, *, save: bool = True, payer_agreed: bool = False) -> None:
        """Select the model *name*; *payer_agreed* where a paid key may answer for it."""
        self._begin(partial(self._select, name, save=save, payer_agreed=payer_agreed), replacing="select")

    async def select_at_start(self, name: str) -> bool:
        """Select the model of the command line, for this run; whether that came about."""
        try:
            return await self._select(name, save=False)
        except KeyswitchError as error:
            self._face.fail(error)
            return False

    async def _select(self, name: str, *, save: bool, payer_agreed: bool = False) -> bool:
        """Whether it is selected now; where it is not, the face says or asks why."""
        before, held = self._face.window_state(), self.holding.held
        switch = await self._face.in_thread(
            partial(self._light.auth.switch_provider, name, current=held, save=save, payer_agreed=payer_agreed)
        )
        match switch:
            case SwitchTo():
                self.switched(switch, save=save, before=before)
            case SignInRequired():
                self._sign_in_first(switch, save=save)
            case PayerChanges():
                self._ask_payer(switch, save=save)
            case StoreUnusable(error=error):
                self._face.fail(error)
            case NotPossible(preset, reason):
                self._face.say(f"{preset.label} cannot be used here: {reason}. Nothing was changed.", kind="trouble")
        return isinstance(switch, SwitchTo)

    def switched(self, switch: SwitchTo, *, save: bool, before: WindowState | None) -> None:
        """Say so, and go on with it.

        *before* is how things stood when it began: the face may have read the new selection already.
        """
        selection = switch.selection
        if before is not None and before.preset is not None and before.preset.id != selection.preset.id:
            self._before = before.preset.id
        self._face.show_switch(switch, save=save, way_back=self._before is not None)
        self._go_on_with(selection, save=save)

    def _go_on_with(self, selection: Selection, *, save: bool) -> None:
        """The conversation goes on with *selection*; one that is stored does so when it is resumed, too."""
        self.holding.choose(selection, save=save, for_run=self.starting)
        self._face.show_selection(selection, save=save)
        self.attaching.tell_left_out(selection)
        thread, held = self._thread, selection.held
        if thread is None:
            return
        thread.held = held
        if thread.conversation.turns and thread.saved:
            thread.conversation = replace(thread.conversation, held=held)
            self._begin(partial(self._store_held, thread.conversation.id, held))
        if thread.conversation.turns:
            self._begin(partial(self.spending.tell_switch, selection))

    async def _store_held(self, conversation: str, held: Held) -> None:
        services = await self._face.services(opened=False)
        await self._face.in_thread(partial(services.conversations.hold, conversation, held))

    # Messages.

    def send(self, text: str) -> None:
        """Send *text*, or park it and offer what it needs first."""
        state = self._face.window_state()
        if state is None:
            return
        obstacle = None if state.selection else state.obstacle()
        if state.selection is not None and not self.outbox.holds_back(text, state.selection):
            self.attaching.tell_left_out(state.selection, self.attaching.files)
            self._face.answer(text, state.selection)
        elif isinstance(obstacle, SignInRequired):
            self.outbox.park_signed_out(text, obstacle)
        elif obstacle is not None:
            self.overcome(obstacle)

    def edit(self, text: str = "") -> None:
        """`/edit`: have the last message in the field again; with *text*, send that in its place; `-` takes it back."""
        self._begin(partial(self._amending.edit, text), replacing="amend")

    def retry(self) -> None:
        """`/retry`: have the last message answered anew."""
        self._begin(self._amending.retry, replacing="amend")

    def send_instead(self, text: str) -> None:
        """Send *text* in the place of the last message."""
        self._begin(partial(self._amending.send_instead, text), replacing="amend")

    def overcome(self, obstacle: PayerChanges | StoreUnusable | NotPossible) -> None:
        """Ask, or say, what keeps a message from being sent that no sign-in would help."""
        match obstacle:
            case PayerChanges():
                self._ask_payer(obstacle, save=True, to_send=True)
            case NotPossible() | StoreUnusable():
                self._face.show_obstacle(obstacle)

    def _sign_in_first(self, needed: SignInRequired, *, save: bool) -> None:
        sign_in, enter_key = (
            partial(begin, needed.provider, then_select=needed.preset.id, save=save)
            for begin in (self.open_sign_in, self.keys.open)
        )
        self._face.offer_sign_in(needed, sign_in, enter_key)

    def _ask_payer(self, change: PayerChanges, *, save: bool, to_send: bool = False) -> None:
        agree = partial(self.select, change.selection.preset.id, save=save, payer_agreed=True)
        self._face.ask_payer_of_model(change, agree, to_send=to_send)

    def attach(self, path: str) -> None:
        """`/attach`: have a file go along with the next message."""
        self._begin(partial(self.attaching.attach, path))

    # Sign-ins.

    def sign_in(self, provider: Provider | None, account: str = "", *, add: bool = False) -> None:
        """`/login`: as *account* and nobody else, or with *add* as one more."""
        if not account:
            self.open_sign_in(provider, whose=Whose(further=add))
        elif (record := self._named(provider or FIRST, account, keys=False)) is not None:
            self.open_sign_in(record.provider, whose=Whose(record.key))

    def open_sign_in(
        self,
        provider: Provider | None,
        *,
        whose: Whose = ANYBODY,
        then_select: str | None = None,
        save: bool = True,
        after: Callable[[], None] | None = None,
    ) -> None:
        """Let the person sign in; *then_select* is the selection that waits for it, *after* follows a success."""
        before = self._face.window_state()

        async def then(entered: Entered) -> None:
            if isinstance(entered, StoredKey):
                await self._told(partial(self.keys.stored, entered, pending=then_select, save=save))
                return
            self._face.show_signed_in(entered)
            await self._told(partial(self._go_on_after, entered, then_select, save=save, before=before))
            self._face.read_again()
            if after is not None:
                after()

        self._face.open_sign_in(provider, whose, then)

    async def _go_on_after(
        self, signed_in: SignedIn, pending: str | None, *, save: bool, before: WindowState | None
    ) -> None:
        """Let the conversation go on as before, with what waited for the sign-in, or with the new account."""
        record, held = signed_in.record, self.holding.held
        if self.holding.regain(record) and held is not None and pending in (None, held.preset.id):
            return
        if pending is not None:
            await self._select(pending, save=save)
        elif signed_in.selected is not None:
            self.switched(signed_in.selected, save=True, before=before)
        elif record.active and held is not None and held.credential.kind is record.kind:
            await self._go_on_as(record)

    async def _go_on_as(self, record: CredentialRecord) -> None:
        """Let the conversation go on with the account of *record*, which was chosen in this window."""
        switch = self.holding.moved_to(record, await self._face.in_thread(self._light.auth.snapshot))
        if switch is not None:
            self._face.say(*switch.remarks)
            self._go_on_with(switch.selection, save=True)

    def enter_key(self, provider: Provider | None) -> None:
        """`/login --api-key`: store an API key."""
        self.keys.open(provider)

    def use_account(self, provider: Provider, name: str, *, agreed: bool = False) -> None:
        """`/accounts use`: let another account of *provider* answer; *agreed* where it may be a paid key."""
        self._begin(partial(self._use, provider, name, agreed=agreed))

    async def _use(self, provider: Provider, name: str, *, agreed: bool) -> None:
        services, held = await self._face.services(), self.holding.held
        choose = partial(services.choose_account, provider, name, current=held, payer_agreed=agreed)
        try:
            chosen = await self._face.in_thread(choose)
        except PayerChange as change:
            self._face.ask_payer_of_account(change, partial(self.use_account, provider, name, agreed=True))
            return
        for line in chosen_lines(chosen):
            self._face.tell(line)
        await self._go_on_as(chosen.record)
        self._face.read_again()

    def sign_out(self, provider: Provider | None, account: str = "") -> None:
        """`/logout`: *account* alone, or whoever is signed in to *provider*; without one, to the active one."""
        state = self._face.window_state()
        provider = provider or (state.preset.provider if state and state.preset else None)
        if provider is None:
            *most, last = (f"/logout {one}" for one in Provider)
            self._face.tell(f"Which provider? Run {', '.join(most)} or {last}", kind="mistake")
        elif not account:
            self.ask_to_sign_out(provider)
        elif (record := self._named(provider, account)) is not None:
            self.ask_to_sign_out(provider, record.key)

    def ask_to_sign_out(self, provider: Provider, account: CredentialKey | None = None) -> None:
        """Sign out *account*, or whichever of *provider* the person names."""
        mine = [one for one in self._credentials() if one.provider is provider]
        names = account_names([one for one in mine if not is_away(one) or one.key == account])
        asked = {key: untrusted_line(name) for key, name in names.items() if account in (None, key)}

        def sign_out(key: CredentialKey | None) -> None:
            self._begin(partial(self._sign_out, provider, account or key))

        self._face.ask_to_sign_out(provider, asked, sign_out)

    async def _sign_out(self, provider: Provider, account: CredentialKey | None) -> None:
        services = await self._face.services()
        gone = await self._face.wait_for(partial(services.sign_out, provider, account=account))
        self._face.tell(*(map(signed_out_words, gone) if gone else [f"Nobody was logged in to {provider.label}."]))
        self._face.read_again()

    def _named(self, provider: Provider, name: str, *, keys: bool = True) -> CredentialRecord | None:
        try:
            return find_account(name, provider, self._credentials(), keys=keys)
        except KeyswitchError as error:
            self._face.fail(error)
            return None

    def _credentials(self) -> tuple[CredentialRecord, ...]:
        state = self._face.window_state()
        return state.snapshot.credentials if state else ()

    # Everything else that is asked for.

    def begin_anew(self) -> None:
        """`/new`: a new conversation, which begins with the saved choice."""
        self._thread = None
        self._amending.forget()
        self.holding.anew()
        self._face.show_new_conversation()

    async def go_on_at_start(self, conversation_id: str | None) -> None:
        """Go on with a conversation, or the last one of a window. Raises KeyswitchError where it cannot be read."""
        found = await self.kept.loaded(conversation_id)
        if found is None:
            self._face.say("There is no earlier conversation yet: this is the first.")
        else:
            await self.go_on_with(found)

    async def go_on_with(self, conversation: Conversation) -> None:
        """Show *conversation*, and go on with it and with what it held on to."""
        self._thread = Thread(conversation, saved=self._saved, held=conversation.held)
        self._amending.forget()
        self.holding.resume(conversation.held)
        await self._face.show_earlier_conversation(conversation)
        self.outbox.begin()
        if conversation.held is None:
            self._face.say(UNKNOWN_HELD)

    def show_accounts(self) -> None:
        """`/accounts`: who is signed in."""
        self._face.show_accounts()

    def show_help(self) -> None:
        """`/help`: keys and commands."""
        self._face.show_help()

    def leave(self) -> None:
        """`/quit`: end the program."""
        self._face.leave()

    def diagnose(self) -> None:
        """`/doctor`: look for what is in the way."""
        self._begin(self._diagnose, replacing="diagnose")

    async def _diagnose(self) -> None:
        self._face.say(f"Looking{self._face.glyphs.ellipsis}", kind="passing")
        services = await self._face.services()
        found, state = await self._face.wait_for(services.diagnose), self._face.window_state()
        findings = with_fixes_that_work(found, state.snapshot.settings.clients if state else tuple(Provider))
        lines = (line for finding in findings for line in finding_lines(finding, self._face.glyphs.verdicts))
        self._face.say(*lines, summary(findings))

    def _begin(self, work: Work, *, replacing: str = "") -> None:
        self._face.begin(partial(self._told, work), replacing=replacing)

    async def _told(self, work: Work) -> None:
        """Do *work*, and say why it came to nothing if it does."""
        try:
            await work()
        except KeyswitchError as error:
            self._face.fail(error)
