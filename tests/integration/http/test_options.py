"""How clients are set up: proxies, certificates, and what is never taken from the environment."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from adapters.http.options import client_options, proxy_for
from adapters.http.origin import Origin
from adapters.http.tls import no_trust, system_trust
from domain.errors import VariableUnusable
from domain.version import VERSION
from tests.support.certificates import Authority

API = "https://api.openai.com/v1"


@pytest.fixture(autouse=True)
def _fresh_trust() -> Iterator[None]:
    system_trust.cache_clear()
    yield
    system_trust.cache_clear()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without proxies and certificates of the machine's own."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in {"SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"}:
            monkeypatch.delenv(name)
    return monkeypatch


def pool_of(options: dict[str, Any]) -> Any:
    """The connections behind a client with *options*."""
    return options["transport"]._inner._pool


ORIGINS = [
    ("https://api.openai.com/v1", Origin("https", "api.openai.com", 443)),
    ("HTTPS://API.OpenAI.com:443/", Origin("https", "api.openai.com", 443)),
    ("https://api.openai.com:8443", Origin("https", "api.openai.com", 8443)),
    ("http://127.0.0.1:8080/v1?x=1", Origin("http", "127.0.0.1", 8080)),
    ("http://[::1]:8080", Origin("http", "::1", 8080)),
    ("https://bücher.example", Origin("https", "xn--bcher-kva.example", 443)),
]


@pytest.mark.parametrize(("url", "origin"), ORIGINS)
def test_an_origin_is_scheme_host_and_port(url: str, origin: Origin) -> None:
    assert Origin.of(url) == origin
    assert Origin.of(str(origin)) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com",
        "/v1",
        "ftp://a.example",
        "https://",
        "https://[::1",
        "https://u:p@a.example",
        "https:a",
        "https://\uff41pi.openai.com",
    ],
)
def test_what_leads_nowhere_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Origin.of(url)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.8.9.10", True),
        ("http://[::1]:1", True),
        ("http://localhost:1", True),
        ("http://api.localhost", False),
        ("http://127.0.0.1.example.test", False),
        ("http://localhost.example.test", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
    ],
)
def test_loopback_is_told_from_the_host_alone(url: str, loopback: bool) -> None:
    assert Origin.of(url).is_loopback is loopback
    assert Origin.of(url).is_private is loopback


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, API, None),
        ({"HTTPS_PROXY": "http://proxy.example.test:3128"}, API, "http://proxy.example.test:3128"),
        ({"https_proxy": "proxy.example.test:3128"}, API, "http://proxy.example.test:3128"),
        ({"ALL_PROXY": "https://proxy.example.test"}, API, "https://proxy.example.test"),
        ({"HTTP_PROXY": "http://proxy.example.test"}, API, None),
        ({"HTTPS_PROXY": "http://p.example.test", "NO_PROXY": "openai.com"}, API, None),
        ({"HTTPS_PROXY": "http://p.example.test", "NO_PROXY": "*"}, API, None),
        ({"HTTPS_PROXY": "http://p.example.test", "NO_PROXY": "enai.com"}, API, "http://p.example.test"),
        ({"HTTPS_PROXY": "http://p.example.test", "ALL_PROXY": "http://a.example.test"}, API, "http://p.example.test"),
        ({"HTTPS_PROXY": "http://p.example.test", "HTTP_PROXY": "http://p.example.test"}, "https://localhost:1", None),
        ({"ALL_PROXY": "http://p.example.test"}, "http://127.0.0.1:8080", None),
        ({"ALL_PROXY": "http://p.example.test"}, "http://[::1]:8080", None),
    ],
)
def test_a_proxy_is_taken_from_the_usual_variables_and_never_for_this_machine(
    environment: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)

    found = proxy_for(Origin.of(url))

    assert (found and found.url) == proxy
    pool = pool_of(client_options(url))
    assert isinstance(pool, httpcore2.AsyncHTTPProxy) is (proxy is not None)


def test_a_proxy_of_another_kind_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "socks5://ana:fake-password@proxy.example.test")

    with pytest.raises(VariableUnusable, match="HTTPS_PROXY") as caught:
        client_options(API)

    assert "fake-password" not in str(caught.value)


def test_every_client_is_cautious(environment: pytest.MonkeyPatch) -> None:
    options = client_options(API, read_seconds=7)

    assert options["follow_redirects"] is False
    assert options["trust_env"] is False
    assert options["headers"] == {"User-Agent": f"keyswitch/{VERSION}"}
    assert options["timeout"].connect == 10
    assert options["timeout"].read == 7


def test_one_context_that_checks_names_and_certificates_serves_every_https_client(
    environment: pytest.MonkeyPatch,
) -> None:
    context = pool_of(client_options(API))._ssl_context

    assert context is pool_of(client_options("https://api.anthropic.com"))._ssl_context
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.cert_store_stats()["x509_ca"] > 0


def test_plain_http_loads_no_authorities(environment: pytest.MonkeyPatch) -> None:
    context = pool_of(client_options("http://127.0.0.1:8080"))._ssl_context

    assert context is no_trust()
    assert context.cert_store_stats()["x509"] == 0
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("own_authorities", [False, True])
def test_session_keys_are_never_written_down(
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    own_authorities: bool,
) -> None:
    log = tmp_path / "keys.log"
    environment.setenv("SSLKEYLOGFILE", str(log))
    if own_authorities:
        environment.setenv("SSL_CERT_DIR", str(tmp_path))

    assert system_trust().keylog_filename is None
    assert not log.exists()


def test_own_authorities_replace_those_of_the_system(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text(Authority.make().pem)
    environment.setenv("SSL_CERT_FILE", str(file))

    assert system_trust().cert_store_stats()["x509"] == 1


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_file_of_authorities_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_text(content)
    environment.setenv("SSL_CERT_FILE", str(file))

    with pytest.raises(VariableUnusable, match="SSL_CERT_FILE"):
        client_options(API)
