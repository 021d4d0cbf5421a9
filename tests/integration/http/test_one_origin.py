"""A client reaches the one origin it was made for, and none that only looks like it."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.bound_credential import BoundCredential
from adapters.http.bound_transport import AnswerTooLarge, BoundTransport, ForeignOrigin
from adapters.http.options import client_options
from adapters.http.origin import Origin
from domain.text.secret import Secret

HOME = "https://api.openai.com"

ELSEWHERE = {
    "a longer name": "https://api.openai.com.evil.example",
    "a name before it": "https://evil-api.openai.com",
    "a name below it": "https://x.api.openai.com",
    "the name above it": "https://openai.com",
    "without the dot": "https://apiopenai.com",
    "another end": "https://api.openai.co",
    "our host as a user": "https://api.openai.com@evil.example",
    "our host and port as a user": "https://api.openai.com:443@evil.example",
    "a user at our host": "https://ana:pw@api.openai.com",
    "our host as a path": "https://evil.example/api.openai.com",
    "our host as a query": "https://evil.example?@api.openai.com",
    "our host as a fragment": "https://evil.example#@api.openai.com",
    "our host behind a backslash": "https://evil.example\\@api.openai.com",
    "a trailing dot": "https://api.openai.com.",
    "another port": "https://api.openai.com:8443",
    "port 80": "https://api.openai.com:80",
    "plain http": "http://api.openai.com",
    "plain http on 443": "http://api.openai.com:443",
    "a websocket": "wss://api.openai.com",
    "a Cyrillic letter": "https://\u0430pi.openai.com",
    "the same in ASCII": "https://xn--pi-6kc.openai.com",
    "a full-width letter": "https://\uff41pi.openai.com",
    "an invisible space": "https://api.openai\u200b.com",
    "a soft hyphen": "https://api.open\u00adai.com",
    "an escaped dot": "https://api%2eopenai.com",
    "an escaped slash": "https://evil.example%2f.api.openai.com",
    "an escaped zero": "https://api.openai.com%00.evil.example",
    "an address": "https://104.18.33.45",
    "an address as a number": "https://1746018605",
    "an IPv6 address": "https://[::ffff:104.18.33.45]",
    "this machine": "https://127.0.0.1",
    "no host": "https:///v1",
    "no scheme": "//api.openai.com/v1",
}

THE_SAME = {
    "as it is": HOME,
    "capitals": "HTTPS://API.OpenAI.COM",
    "the port that https has": f"{HOME}:443",
    "a port with zeros": f"{HOME}:0443",
    "a path": f"{HOME}/v1/responses?x=1",
    "a fragment with an at sign": f"{HOME}/#@evil.example",
    "a query with an at sign": f"{HOME}/?@evil.example",
    "dots in the path": f"{HOME}/../..//evil.example",
    "full-width dots, which IDNA reads as dots": "https://api\uff0eopenai\uff0ecom",
    "ideographic dots": "https://api\u3002openai\u3002com",
}


class World:
    """Counts what gets out."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(**client_options(HOME, network=httpx2.MockTransport(self.answer)))

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, content=b"{}")


CREDENTIAL = BoundCredential(Origin.of(HOME), {"authorization": Secret("Bearer fake-access-1")})


async def test_what_only_looks_like_our_host_gets_nothing(subtests: pytest.Subtests) -> None:
    for name, url in ELSEWHERE.items():
        world = World()
        with subtests.test(name):
            with pytest.raises((ForeignOrigin, httpx2.InvalidURL, httpx2.UnsupportedProtocol)):
                await world.client().post(url, auth=CREDENTIAL, json={})
            assert world.requests == []


async def test_the_transport_holds_without_the_credential_s_own_check(subtests: pytest.Subtests) -> None:
    for name, url in ELSEWHERE.items():
        world = World()
        with subtests.test(name):
            with pytest.raises((ForeignOrigin, httpx2.InvalidURL, httpx2.UnsupportedProtocol)):
                await world.client().post(url, data={"refresh_token": "fake-refresh-1"})
            assert world.requests == []


async def test_our_host_in_other_words_is_our_host(subtests: pytest.Subtests) -> None:
    for name, url in THE_SAME.items():
        world = World()
        with subtests.test(name):
            await world.client().post(url, auth=CREDENTIAL, json={})
            (request,) = world.requests
            assert request.url.host == "api.openai.com"
            assert request.headers["authorization"] == "Bearer fake-access-1"


async def test_a_request_with_another_host_header_is_not_sent() -> None:
    world = World()

    with pytest.raises(ForeignOrigin):
        await world.client().post(HOME, headers={"host": "evil.example"}, auth=CREDENTIAL)

    assert world.requests == []


async def test_even_a_client_that_was_told_to_follow_does_not() -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(307, headers={"location": "https://evil.example"})

    options = {**client_options(HOME, network=httpx2.MockTransport(answer)), "follow_redirects": True}
    async with httpx2.AsyncClient(**options) as client:
        response = await client.post(HOME, auth=CREDENTIAL)

    assert response.status_code == 307
    assert "location" not in response.headers


def test_the_refusal_tells_nothing_of_the_request() -> None:
    assert "fake" not in str(ForeignOrigin(Origin.of(HOME)))
    assert "fake" not in repr(CREDENTIAL)


@given(st.text(max_size=40), st.sampled_from(["https://{}", "https://{}api.openai.com", "https://api.openai.com{}"]))
def test_no_text_makes_an_address_that_is_ours_by_mistake(text: str, shape: str) -> None:
    """Whatever is taken for our origin leads to our host, by the reading of the library that connects."""
    url = shape.format(text)
    try:
        origin = Origin.of(url)
    except ValueError:
        return
    if origin == Origin.of(HOME):
        assert httpx2.URL(url).raw_host == b"api.openai.com"
        assert httpx2.URL(url).port is None


@pytest.mark.parametrize("size", [0, 99, 100])
async def test_what_fits_is_read(size: int) -> None:
    assert len(await body(b"x" * size, largest=100)) == size


@pytest.mark.parametrize("size", [101, 10_000])
async def test_what_does_not_fit_is_left(size: int) -> None:
    with pytest.raises(AnswerTooLarge):
        await body(b"x" * size, largest=100)


async def body(content: bytes, *, largest: int) -> bytes:
    world = httpx2.MockTransport(lambda _: httpx2.Response(200, content=content))
    transport = BoundTransport(world, origin=Origin.of(HOME), largest=largest)
    async with httpx2.AsyncClient(transport=transport) as client:
        return (await client.get(HOME)).content
