"""Who may open the short link, whose answers count, and what everybody else is told."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from adapters.sign_in.peer import Caller
from application.ports.sign_in_listener import OpenListener, SignInPage
from domain.errors import LinkOpenedTwice
from domain.text.secret import Secret
from tests.integration.sign_in.test_unwelcome import PARAMETERS, listening
from tests.support.listener_visitors import CODE, STATE, TARGET, PageAnswer, get, is_polite, knock, sign_in


async def second_visit(listener: OpenListener, **headers: str) -> tuple[PageAnswer, PageAnswer]:
    """The short link, opened by two browsers one after the other; the second has *headers*."""
    short = listener.forward_to(TARGET, state=Secret(STATE)).partition("/go/")[2]
    first = await get(listener, f"/go/{short}")
    cookie = first.headers["set-cookie"].partition(";")[0]
    return first, await get(
        listener, f"/go/{short}", **{name: value.replace("{cookie}", cookie) for name, value in headers.items()}
    )


async def test_the_short_link_works_again_in_the_browser_that_opened_it_first() -> None:
    async with listening() as listener:
        first, second = await second_visit(listener, Cookie="other=1; {cookie}")
    assert (first.status, second.status) == (302, 302)
    assert {"httponly", "samesite=lax"} <= {part.strip().lower() for part in first.headers["set-cookie"].split(";")}


@pytest.mark.parametrize(
    "headers", [{}, {"Cookie": "keyswitch=guess"}, {"Cookie": "keyswitch="}, {"Cookie": "\x00;=;"}]
)
async def test_nobody_else_learns_the_address_from_the_short_link(headers: dict[str, str]) -> None:
    async with listening() as listener:
        _, second = await second_visit(listener, **headers)
        assert second.status in {400, 410}
        assert "location" not in second.headers
        assert TARGET not in second.body
        if second.status == 410:
            assert "Return to your terminal and start again" in second.body
            with pytest.raises(LinkOpenedTwice):
                await listener.callback()


async def test_the_last_page_names_the_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sign_in.attempt.gethostname", lambda: "<ana's laptop>")
    async with listening() as listener:
        listener.forward_to(TARGET, state=Secret(STATE))
        redirected = await get(listener, f"/callback?code={CODE}&state={STATE}")
        page = asyncio.create_task(get(listener, redirected.headers["location"]))
        await listener.show(SignInPage("Signed in", "Return.", succeeded=True))
        assert "keyswitch on &lt;ana&#x27;s laptop&gt;" in (await page).body


async def test_an_answer_that_is_refused_is_told_so_at_once_and_the_next_one_still_counts() -> None:
    async with listening() as listener:
        listener.forward_to(TARGET, state=Secret(STATE))
        forged = await get(listener, f"/callback?code=evil&state={STATE}&iss=https://evil.example")
        waiting = asyncio.create_task(get(listener, forged.headers["location"]))
        listener.refuse(await listener.callback(), SignInPage("That answer was refused", "Go on.", succeeded=False))
        assert "That answer was refused" in (await waiting).body
        again = await get(listener, forged.headers["location"])
        assert "That answer was refused" in again.body
        await sign_in(listener)


async def test_what_is_refused_is_told_to_the_person_once_for_each_reason() -> None:
    async with listening() as listener:
        listener.forward_to(TARGET, state=Secret(STATE))
        for case in (
            "another state",
            "an empty state",
            "the state twice",
            "two codes",
            "forty parameters",
            "two states",
        ):
            await knock(listener, PARAMETERS[case])
        told = [await listener.refused(), await listener.refused()]
        assert [reason.startswith("a browser brought an answer that") for reason in told] == [True, True]
        assert told[0] != told[1]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(listener.refused(), 0.05)
        await sign_in(listener)


async def test_no_browser_waits_for_an_answer_too_many() -> None:
    async with listening() as listener:
        listener.forward_to(TARGET, state=Secret(STATE))
        for number in range(8):
            await get(listener, f"/callback?code=c{number}&state={STATE}")
        answer = await get(listener, f"/callback?code=c8&state={STATE}")
        is_polite(answer)
        assert "8 different answers" in await listener.refused()


async def test_what_a_browser_fetches_in_advance_is_no_visit() -> None:
    """It would come a second time without the cookie of the first, and end the sign-in."""
    async with listening() as listener:
        short = urlsplit(listener.forward_to(TARGET, state=Secret(STATE))).path
        for headers in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}):
            early = await get(listener, short, **headers)
            assert early.status == 503
            assert not {"location", "set-cookie"} & set(early.headers)
        await sign_in(listener)


async def test_another_user_gets_nowhere_even_with_the_words_and_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sign_in.loopback_listener.caller", lambda *_: Caller.STRANGER)
    async with listening() as listener:
        short = urlsplit(listener.forward_to(TARGET, state=Secret(STATE))).path
        for target in (short, f"/callback?code=evil&state={STATE}"):
            answer = await get(listener, target)
            assert answer.status == 403
            is_polite(answer)
        assert "another user of this machine" in await listener.refused()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(listener.callback(), 0.05)


async def test_a_second_browser_that_comes_after_the_end_ends_nothing() -> None:
    async with listening() as listener:
        short = urlsplit(listener.forward_to(TARGET, state=Secret(STATE))).path
        await sign_in(listener)
        assert (await get(listener, short)).status == 410
        listener.ensure_unshared()
