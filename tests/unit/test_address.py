"""What is said of a link's host before anybody follows it."""

from __future__ import annotations

import pytest

from domain.address import whereabouts

PLAIN = (
    "https://example.test/%2F?a=b@c#d",
    "https://EXAMPLE.test:8443/",
    "mailto:ana@example.test",
    "#part",
    "../file",
    "",
)

SAID = {
    "https://ex\u0430mple.test/": "its host is xn--exmple-4nf.test",
    "https://stra\u00dfe.test/": "its host is xn--strae-oqa.test",
    "https://example.test\uff0eevil.test/": "its host is example.test.evil.test",
    "https://\uff45xample.test/": "its host is example.test",
    "https://bank.test@evil.test/": 'its host is evil.test, "bank.test" before the @ is no part of that',
    "https://a:b%40c@evil.test/": 'its host is evil.test, "a:b%40c" before the @ is no part of that',
    "https://bank.test%2Fevil.test/": "browsers differ on its host",
    "https://bank.test\\@evil.test/": 'browsers differ on its host, "bank.test\\" before the @ is no part of that',
    "https://[::1": "browsers differ on where that leads",
    "https://ex\u2100mple.test/": "browsers differ on where that leads",
}


@pytest.mark.parametrize("address", PLAIN)
def test_nothing_is_added_where_the_host_is_plain(address: str) -> None:
    assert whereabouts(address) == ""


@pytest.mark.parametrize(("address", "said"), SAID.items(), ids=map(ascii, SAID))
def test_a_host_that_may_be_taken_for_another_is_named(address: str, said: str) -> None:
    assert whereabouts(address) == said
