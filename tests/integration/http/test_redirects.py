"""An answer that points somewhere else takes no secret there: five codes, every target, every request with a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from domain.errors import AnswerUnreadable, KeyswitchError, Offline
from tests.support.secret_senders import API, SECRETS, TOKEN, Sending, permissively
from tests.support.watching_servers import Watched, nothing_reached, saying, watched

CODES = (301, 302, 303, 307, 308)


class Traps:
    """Where an answer may try to send us."""

    def __init__(self, home: Watched, port: Watched, address: Watched, six: Watched, name: Watched) -> None:
        self.home, self.port, self.address, self.six, self.name = home, port, address, six, name

    @property
    def all(self) -> tuple[Watched, ...]:
        """Each of them listens."""
        return (self.port, self.address, self.six, self.name)


@pytest.fixture
async def traps() -> AsyncIterator[Traps]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        found = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        yield Traps(
            home=await enter(watched()),
            port=await enter(watched(found)),
            address=await enter(watched(found, host="127.0.0.2")),
            six=await enter(watched(found, host="::1")),
            name=await enter(watched(found, name="localhost")),
        )


Target = Callable[[Traps], str]

TARGETS: dict[str, Target] = {
    "another port": lambda traps: f"{traps.port.url}/v1/messages",
    "another address": lambda traps: f"{traps.address.url}/v1/messages",
    "the same machine by IPv6": lambda traps: f"{traps.six.url}/v1/messages",
    "the same machine by name": lambda traps: f"{traps.name.url}/v1/messages",
    "without a scheme": lambda traps: f"//127.0.0.1:{traps.port.port}/v1/messages",
    "our host as a user name": lambda traps: f"{traps.home.url}@127.0.0.1:{traps.port.port}/",
    "a trailing dot": lambda traps: f"http://localhost.:{traps.name.port}/",
    "an address as one number": lambda traps: f"http://2130706433:{traps.port.port}/",
    "an address in octal": lambda traps: f"http://0177.0.0.1:{traps.port.port}/",
    "https": lambda traps: f"https://127.0.0.1:{traps.port.port}/",
    "another path of the same host": lambda _: "/elsewhere",
    "a backslash": lambda traps: f"http:\\\\127.0.0.1:{traps.port.port}\\",
    "capitals and blanks": lambda traps: f"  HTTP://LOCALHOST:{traps.name.port}/",
    "something unreadable": lambda _: "http://[::1",
    "a file": lambda _: "file:///etc/passwd",
    "nothing": lambda _: "",
}

CATALOGUE = [(code, target) for code in CODES for target in TARGETS]


def pointing_to(code: int, target: str) -> bytes:
    """An answer that says: go there."""
    return (
        f"HTTP/1.1 {code} Go there\r\nlocation: {target}\r\nrefresh: 0; url={target}\r\nset-cookie: a=b\r\n"
        "content-length: 0\r\n\r\n"
    ).encode()


async def sent(traps: Traps, sending: Sending, code: int, target: str) -> KeyswitchError | None:
    """What came of it; afterwards the secret is where it belongs, and nowhere else."""
    asked = traps.home.requests
    traps.home.script = saying(pointing_to(code, TARGETS[target](traps)))
    error = await sending(traps.home.url)
    nothing_reached(traps.all, SECRETS)
    assert traps.home.requests == asked + 1
    assert not any(secret in str(error) for secret in SECRETS)
    return error


@pytest.mark.parametrize("code", CODES)
async def test_a_question_does_not_follow(traps: Traps, code: int, subtests: pytest.Subtests) -> None:
    for target in TARGETS:
        with subtests.test(target):
            for sending in API.values():
                assert isinstance(await sent(traps, sending, code, target), AnswerUnreadable)


@pytest.mark.parametrize("code", CODES)
async def test_a_token_request_does_not_follow(traps: Traps, code: int, subtests: pytest.Subtests) -> None:
    for target in TARGETS:
        with subtests.test(target):
            for name, sending in TOKEN.items():
                error = await sent(traps, sending, code, target)
                assert isinstance(error, Offline) or name.endswith("revocation")


def test_the_catalogue_is_as_long_as_it_claims() -> None:
    print(f"\nN1, redirects: {len(CATALOGUE)} cases, each by {len(API)} questions and {len(TOKEN)} token requests")  # noqa: T201
    assert len(CATALOGUE) == 80
    assert len(API) == 6
    assert len(TOKEN) == 9


@pytest.mark.parametrize("target", ["another port", "another address", "the same machine by name", "without a scheme"])
async def test_a_permissive_client_is_caught(traps: Traps, target: str) -> None:
    """The control: the same check, and a client that follows."""
    for code in CODES:
        with pytest.raises(AssertionError, match="knows"):
            await sent(traps, permissively, code, target)
