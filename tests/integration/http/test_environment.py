"""What the environment may decide, what it may not, and that an error names it where it is the cause."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.http.tls import system_trust
from adapters.oauth import authlib_client
from domain.errors import KeyswitchError, Offline, VariableUnusable
from domain.provider import Provider
from tests.support.certificates import Authority
from tests.support.secret_senders import API, SECRETS, TOKEN, Sending, permissively
from tests.support.watching_servers import Watched, nothing_reached, saying, watched

SENDING = {**API, **TOKEN}
AWAY = "https://api.provider.example.test"
"""A host that is not this machine; nobody looks it up here, a proxy would."""

VENDORS_OWN = (
    "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_HOST", "OPENAI_PROXY", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL",
    "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "CLAUDE_CODE_OAUTH_TOKEN", "GOOGLE_GEMINI_BASE_URL",
    "GEMINI_BASE_URL", "GOOGLE_API_ENDPOINT", "GOOGLE_CLOUD_UNIVERSE_DOMAIN", "CODEX_HOME",
)  # fmt: skip
"""By these the vendors' programs are sent to other hosts."""


@pytest.fixture(autouse=True)
def _an_environment_without_opinions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(authlib_client, "_REVOCATION_PAUSES", (0.0, 0.0))
    system_trust.cache_clear()
    yield
    system_trust.cache_clear()


@pytest.fixture
async def home() -> AsyncIterator[Watched]:
    async with watched(saying(b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n")) as server:
        yield server


@pytest.fixture
async def proxy() -> AsyncIterator[Watched]:
    async with watched(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")) as server:
        yield server


async def test_traffic_of_this_machine_goes_through_no_proxy(
    home: Watched, proxy: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NO_PROXY", "")

    for sending in SENDING.values():
        await sending(home.url)

    nothing_reached([proxy], SECRETS)
    assert home.requests >= len(SENDING)


async def test_a_client_that_trusts_the_environment_is_caught(
    home: Watched, proxy: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test before."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)

    await permissively(home.url)

    with pytest.raises(AssertionError, match="knows"):
        nothing_reached([proxy], SECRETS)


async def test_variables_of_the_vendors_own_programs_move_nothing(
    home: Watched, proxy: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VENDORS_OWN:
        monkeypatch.setenv(name, proxy.url)

    for sending in SENDING.values():
        await sending(home.url)

    nothing_reached([proxy], SECRETS)
    assert proxy.url.encode() not in home.heard


async def test_no_netrc_is_read(home: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ana password fake-netrc-1\ndefault login ana password fake-netrc-2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))

    for sending in SENDING.values():
        await sending(home.url)

    assert base64.b64encode(b"ana:fake-netrc")[:16] not in home.heard
    assert b"Basic" not in home.heard


async def test_no_cookie_comes_back(home: Watched) -> None:
    home.script = saying(b"HTTP/1.1 400 No\r\nset-cookie: a=b; path=/\r\ncontent-length: 0\r\n\r\n")

    for sending in [*SENDING.values()] * 2:
        await sending(home.url)

    assert b"\r\ncookie:" not in home.heard.lower()


REFUSING = {
    "authentication wanted": b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
    "not allowed": b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
    "no route": b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
    "sent elsewhere": b"HTTP/1.1 307 There\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n",
}


@pytest.mark.parametrize("case", REFUSING)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_proxy_that_refuses_is_named_and_learns_no_secret(
    proxy: Watched, home: Watched, monkeypatch: pytest.MonkeyPatch, variable: str, case: str
) -> None:
    proxy.script = saying(REFUSING[case].replace(b"{elsewhere}", home.url.encode()))
    monkeypatch.setenv(variable, proxy.url.replace("://", "://ana:fake-proxy-password@"))

    for name, sending in SENDING.items():
        error = await sending(AWAY)
        if not name.endswith("revocation"):
            assert isinstance(error, Offline)
            assert f"the proxy of {variable} ({proxy.url}) would not connect to api.provider.example.test" in str(error)
            assert "fake-proxy-password" not in str(error)

    assert not any(secret.encode() in proxy.heard for secret in SECRETS)
    assert proxy.heard.count(b"CONNECT api.provider.example.test:443 HTTP/1.1") == proxy.requests
    nothing_reached([home], SECRETS)


@pytest.mark.parametrize("provider", Provider)
async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    async with watched() as gone:
        pass
    monkeypatch.setenv("HTTPS_PROXY", gone.url)

    for sending in (SENDING[f"{provider}-session"], SENDING[f"{provider}-renewal"]):
        error = await sending(AWAY)
        assert isinstance(error, Offline)
        assert f"the proxy of HTTPS_PROXY ({gone.url}) refused the connection" in str(error)


async def test_a_proxy_that_speaks_for_the_host_itself_is_named_and_learns_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, proxy: Watched
) -> None:
    """It says yes to the connection, and then does not let us through."""
    proxy.script = saying(b"HTTP/1.1 200 Connected\r\n\r\nwelcome to this network")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    error = await SENDING["claude-renewal"](AWAY)

    assert isinstance(error, Offline)
    assert "no secure connection to api.provider.example.test" in str(error)
    assert f"HTTPS_PROXY ({proxy.url})" in str(error)
    assert not any(secret.encode() in proxy.heard for secret in SECRETS)


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1", "://", "http://", "https://[::1", "ftp://p.example.test"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
async def test_a_variable_that_names_no_proxy_stops_everything_and_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    for name in ("claude-session", "claude-renewal", "claude-exchange"):
        error = await SENDING[name](AWAY)
        assert isinstance(error, VariableUnusable)
        assert str(error).startswith(f"{variable}: ")
        assert error.code == "environment"


@pytest.fixture
def authority() -> Authority:
    return Authority.make()


async def asked_over_tls(context: ssl.SSLContext, sending: Sending) -> tuple[KeyswitchError | None, Watched]:
    script = saying(b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n")
    async with watched(script, tls=context) as server:
        return await sending(server.url), server


@pytest.mark.parametrize("name", ["claude-session", "chatgpt-key", "gemini-renewal", "claude-exchange"])
async def test_an_authority_of_ones_own_is_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, name: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, authority)))

    error, server = await asked_over_tls(authority.context(tmp_path, "127.0.0.1"), SENDING[name])

    assert server.requests == 1
    assert not isinstance(error, Offline)


@pytest.mark.parametrize("name", ["claude-session", "chatgpt-key", "gemini-renewal", "claude-exchange"])
async def test_a_missing_authority_is_named_and_learns_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, name: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, Authority.make("Another"))))

    error, server = await asked_over_tls(authority.context(tmp_path, "127.0.0.1"), SENDING[name])

    assert isinstance(error, Offline)
    assert "does not trust the certificate of 127.0.0.1" in str(error)
    assert "what it trusts comes from SSL_CERT_FILE" in str(error)
    nothing_heard(server)


async def test_without_the_variable_the_error_names_none(tmp_path: Path, authority: Authority) -> None:
    error, server = await asked_over_tls(authority.context(tmp_path, "127.0.0.1"), SENDING["claude-session"])

    assert "does not trust the certificate of 127.0.0.1" in str(error)
    assert "SSL_CERT" not in str(error)
    nothing_heard(server)


@pytest.mark.parametrize(("first", "last"), [(-3, -2), (2, 3)], ids=["expired", "not valid yet"])
async def test_a_certificate_of_another_time_sends_one_to_the_clock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, first: int, last: int
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, authority)))
    context = authority.context(tmp_path, "127.0.0.1", from_day=first, until_day=last)

    error, server = await asked_over_tls(context, SENDING["claude-renewal"])

    assert "check that this machine's clock is right" in str(error)
    nothing_heard(server)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "127.0.0.1.evil.example", "*.example.test"])
async def test_a_certificate_of_another_host_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, host: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, authority)))

    error, server = await asked_over_tls(authority.context(tmp_path, host), SENDING["claude-session"])

    assert isinstance(error, Offline)
    nothing_heard(server)


def written(folder: Path, authority: Authority) -> Path:
    file = folder / "authorities.pem"
    file.write_text(authority.pem)
    return file


def nothing_heard(server: Watched) -> None:
    """No request came through."""
    assert (server.requests, bytes(server.heard)) == (0, b"")
