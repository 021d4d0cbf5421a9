"""What waits goes out in its order, and at nobody else's expense."""

from __future__ import annotations

from dataclasses import replace

from domain.credential import CredentialKey, CredentialKind
from domain.model import Preset
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held
from domain.text.written import Written
from entrypoints.tui.writing.queue import Queue

PLAN = Held(
    Preset("gpt-5.1-medium", "GPT-5.1 Medium", "gpt-5.1", Provider.CHATGPT),
    CredentialKey(Provider.CHATGPT, "ana"),
    Payer.PLAN,
    "ana@example.test",
)


def test_what_waits_goes_out_in_its_order_and_comes_back_from_its_end() -> None:
    queue = Queue()
    for text in ("one", "two", "three"):
        queue.add(Written(text), PLAN)
    first = queue.next()
    assert first is not None
    assert first.written == Written("one")
    assert queue.take_back() == Written("three")
    queue.add(Written("four"), PLAN)
    assert queue.take_all_back() == Written("two\nfour")
    assert (queue.written, queue.next(), queue.take_back()) == ((), None, None)


def test_only_the_same_payer_by_the_same_credential_pays_for_what_waited() -> None:
    key = replace(PLAN.credential, kind=CredentialKind.API_KEY)
    now = {
        "as it was": (PLAN, True),
        "another model": (replace(PLAN, preset=replace(PLAN.preset, id="gpt-6")), True),
        "a key": (replace(PLAN, credential=key, payer=Payer.API_BILLING), False),
        "another account": (replace(PLAN, credential=replace(PLAN.credential, account="ben")), False),
        "the same account at its own expense": (replace(PLAN, payer=Payer.API_BILLING), False),
        "nobody": (None, False),
    }
    queue = Queue()
    queue.add(Written("one"), PLAN)
    queued = queue.next()
    assert queued is not None
    assert {name: queued.same_payer(held) for name, (held, _) in now.items()} == {
        name: same for name, (_, same) in now.items()
    }
    queue.add(Written("for whoever comes"), None)
    queued = queue.next()
    assert queued is not None
    assert not queued.same_payer(PLAN)
