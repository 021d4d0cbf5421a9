"""The four forms of a provider's list, good and odd, from providers that share no code with what reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date

import pytest

from adapters.model_lists.client import ListBounds, ProviderModelLists
from adapters.sandbox import faults
from adapters.sandbox.faults import Fault, changed_list
from adapters.sandbox.server import Sandbox
from domain.credential import CredentialKind
from domain.errors import AnswerUnreadable, AuthRejected, KeyswitchError, Offline, Overloaded
from domain.model_lists.listed import ListedModel
from domain.provider import Provider
from domain.session import ApiKey, Credential
from domain.text.secret import Secret
from tests.support.chat_peer import ChatPeer

FORMS = {
    "plan": (Provider.CHATGPT, CredentialKind.OAUTH),
    "openai": (Provider.CHATGPT, CredentialKind.API_KEY),
    "claude": (Provider.CLAUDE, CredentialKind.OAUTH),
    "gemini": (Provider.GEMINI, CredentialKind.API_KEY),
}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def peer(running: Sandbox) -> AsyncIterator[ChatPeer]:
    running.log.clear()
    peer = ChatPeer(running)
    yield peer
    running.faults.clear()
    await peer.client.aclose()


def lists_of(peer: ChatPeer, *, seconds: float = 20.0) -> ProviderModelLists:
    return ProviderModelLists(fetch=peer.client.listing, bounds=ListBounds(seconds=seconds))


async def read(
    peer: ChatPeer, form: str, fault: Fault | None = None, seconds: float = 20.0
) -> tuple[ListedModel, ...] | KeyswitchError | None:
    provider, kind = FORMS[form]
    credential: Credential = peer.credential(provider, kind)
    if fault is not None:
        peer.sandbox.faults.add(provider, "models", fault, times=None)
    try:
        return await lists_of(peer, seconds=seconds)(credential)
    except KeyswitchError as error:
        return error
    finally:
        peer.sandbox.faults.clear()


def ids(answer: object) -> set[str]:
    assert isinstance(answer, tuple), answer
    return {model.id for model in answer}


async def test_each_form_is_read_and_only_models_to_chat_with_are_taken(peer: ChatPeer) -> None:
    found = {form: await read(peer, form) for form in FORMS}
    listed = {form: ids(answer) for form, answer in found.items()}
    assert "gpt-6.1-sol" in listed["plan"] <= listed["openai"]
    assert {"gpt-6.2-sol", "gpt-5"} <= listed["openai"] - listed["plan"]
    assert not any(name.startswith(("text-", "gpt-audio", "gpt-image", "omni")) for name in listed["openai"])
    assert {"claude-opus-5-5", "claude-opus-4-1-20250805"} <= listed["claude"]
    assert {"gemini-4-argon", "gemini-2.5-pro"} <= listed["gemini"]
    assert "gemini-embedding-002" not in listed["gemini"]

    models = {model.id: model for answer in found.values() if isinstance(answer, tuple) for model in answer}
    assert models["gpt-5"].ends == date(2026, 12, 11)
    assert models["claude-opus-4-5-20251101"] == ListedModel(
        "claude-opus-4-5-20251101", "Claude Opus 4.5", 200_000, date(2027, 1, 22), date(2025, 11, 24)
    )
    assert models["claude-opus-5-5"].ends is None
    assert models["gemini-4-argon"] == ListedModel("gemini-4-argon", "Gemini 4 Argon", 1_048_576)
    assert models["gpt-6.1-sol"].label == "gpt-6.1-sol"  # the last form read wins: a key's list has no labels


async def test_an_odd_list_is_one_error_or_its_good_part(peer: ChatPeer) -> None:
    wanted: dict[str, tuple[Fault, type[KeyswitchError], str]] = {
        "empty": (changed_list("empty"), AnswerUnreadable, "its list has no model to chat with"),
        "broken": (changed_list("broken"), AnswerUnreadable, "no whole JSON document"),
        "huge": (changed_list("huge"), AnswerUnreadable, "more than 2097152 bytes"),
        "many": (changed_list("many"), AnswerUnreadable, "more than 1000 models"),
        "a page": (faults.html_page(), AnswerUnreadable, "a page came"),
        "a list of lists": (faults.answer(200, b"[[]]"), AnswerUnreadable, "has another form"),
        "deep": (faults.answer(200, b"[" * 100_000), AnswerUnreadable, "no whole JSON document"),
        "a number": (faults.answer(200, b'{"data": 7, "models": 7}'), AnswerUnreadable, "has another form"),
        "a redirect": (faults.answer(302, b"", ("location", "https://other.example.test/")), KeyswitchError, ""),
        "down": (faults.refuse("unavailable"), Overloaded, ""),
        "lost": (faults.lost_answer(), Offline, ""),
    }
    wrong = {}
    for form in FORMS:
        for name, (fault, kind, words) in wanted.items():
            answer = await read(peer, form, fault)
            if not isinstance(answer, kind) or words not in str(answer):
                wrong[form, name] = answer
    assert wrong == {}


async def test_what_never_ends_is_left(peer: ChatPeer) -> None:
    endless = [await read(peer, form, changed_list(shape)) for form in ("claude", "gemini") for shape in _ENDLESS]
    assert [str(answer).endswith("its list of models does not come to an end") for answer in endless] == [True] * 4
    assert len(peer.sandbox.log.entries()) <= 2 * (10 + 2)  # ten pages, or the second time that one is named
    late = await read(peer, "claude", faults.hang(), seconds=0.2)
    assert isinstance(late, Overloaded)
    assert "was not there within 0.2 s" in str(late)


_ENDLESS = ("endless", "circle")


async def test_of_a_list_that_lies_what_can_be_true_is_taken_and_safe_to_show(peer: ChatPeer) -> None:
    for form in FORMS:
        answer = await read(peer, form, changed_list("lies"))
        assert isinstance(answer, tuple), (form, answer)
        own = {"plan": "gpt-", "openai": "gpt-"}.get(form, f"{form}-")
        good = next(model.id for model in answer if "8-" not in model.id and "9" not in model.id)
        assert ids(answer) - {good} <= {f"{own}9", f"{own}8-spelled", f"{own}8-numbers", f"{own}8-types"}, form
        for model in answer:
            assert model.label.isprintable()
            assert "\x1b" not in model.label
            assert 0 < len(model.label) <= 60
            assert model.context in {None, 1_000_000, 1_048_576, 2_000_000}
            assert model.ends is None
        if form != "openai":
            (spelled,) = (model.label for model in answer if model.id.endswith("spelled"))
            assert spelled.startswith("Evil")


async def test_the_credential_goes_to_its_own_origin_and_a_wrong_one_is_refused(peer: ChatPeer) -> None:
    for provider, kind in FORMS.values():
        credential = peer.credential(provider, kind)
        await lists_of(peer)(credential)
        with pytest.raises(AuthRejected):
            await lists_of(peer)(ApiKey(peer.credential(provider, CredentialKind.API_KEY).record, Secret("sk-made-up")))
    entries = peer.sandbox.log.entries()
    assert [entry.own_live_token for entry in entries] == [True, False] * 4
    assert not any(entry.foreign_token for entry in entries)
