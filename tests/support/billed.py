"""A whole exchange over a real chat client and the real price lists, for the sake of its receipt."""

from __future__ import annotations

from typing import Final

from adapters.catalogue.builtin import load_catalogue
from adapters.chat.router import ProviderChatClient
from adapters.prices.list_prices import ListPrices
from application.spending.bill_exchange import BillExchange
from application.use_cases.past import Past
from application.use_cases.send_message import Answered, SendMessage
from domain.conversation import Conversation, Origin, Receipt
from domain.conversations.thread import Thread
from domain.session import OwnCredential
from tests.support.world import World

CATALOGUE: Final = load_catalogue()
PRICES: Final = ListPrices(models=CATALOGUE.models)


class Billed:
    """One conversation at one credential's expense. Its clock is the world's."""

    def __init__(self, client: ProviderChatClient, credential: OwnCredential, origin: Origin = Origin.APP) -> None:
        self.world = World(credential, catalogue=CATALOGUE)
        self.entries = self.world.ledger.entries
        """What the ledger was given."""
        self.thread = Thread(Conversation("billed", self.world.clock.now(), origin=origin))
        self._send = SendMessage(
            chat=client,
            credentials=self.world.credentials,
            conversations=self.world.conversations,
            past=Past(self.world.conversations),
            bills=BillExchange(
                limits=self.world.config.limits,
                ledger=self.world.ledger,
                promises=self.world.promises,
                prices=PRICES,
                clock=self.world.clock,
            ),
            clock=self.world.clock,
            records=self.world.records,
        )

    async def ask(self, text: str, model: str) -> Receipt:
        """The receipt of the answer to *text* by *model*, as people name it."""
        self.world.select(model, payer_agreed=True)
        selection = self.world.snapshot().selection
        assert selection is not None, model
        *_, last = [event async for event in self._send(self.thread, text, selection)]
        assert isinstance(last, Answered)
        assert last.answer.receipt is not None
        return last.answer.receipt
