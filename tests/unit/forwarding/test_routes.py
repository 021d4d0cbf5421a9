"""Only questions and lists of models are relayed; whatever else somebody thinks of is not."""

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from adapters.agent.routes import is_relayed, may_pass_back, model_of
from domain.provider import Provider
from tests.support.credentials import a_record

PATHS = re.compile(r"responses|models|v1/messages|v1/models|models/[A-Za-z0-9._-]+:streamGenerateContent")
QUERIES = re.compile(r"|[A-Za-z_]+=[^&]*(&[A-Za-z_]+=[^&]*)*")

pieces = st.sampled_from(
    ["v1", "messages", "models", "responses", "..", "%2e%2e", "", "/", "x:y", "gemini", "\n", "?", "#"]
)
paths = st.lists(pieces, max_size=5).map("/".join) | st.text(max_size=30)
queries = st.sampled_from(["", "alt=sse", "key=made-up", "pageSize=1", "alt=sse&alt=json", "a%0d%0ab=c"]) | st.text(
    max_size=20
)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "get", "HEAD"])


@given(methods, paths, queries, st.sampled_from(Provider), st.booleans())
def test_nothing_is_relayed_but_the_requests_of_a_chat(
    method: str, path: str, query: str, provider: Provider, imported: bool
) -> None:
    if is_relayed(method, path, query, a_record(provider, imported=imported)):
        assert PATHS.fullmatch(path)
        assert method in ("GET", "POST")
        assert QUERIES.fullmatch(query)
        assert unquote(query).isprintable()
        assert "key" not in query


def test_each_provider_has_its_question_and_its_list() -> None:
    questions = {
        Provider.CHATGPT: ("responses", ""),
        Provider.CLAUDE: ("v1/messages", ""),
        Provider.GEMINI: ("models/gemini-3.5-flash:streamGenerateContent", "alt=sse"),
    }
    lists = {
        Provider.CHATGPT: ("models", ""),
        Provider.CLAUDE: ("v1/models", "limit=1000&after_id=x"),
        Provider.GEMINI: ("models", "pageSize=1000&pageToken=x"),
    }

    assert all(is_relayed("POST", *questions[provider], a_record(provider)) for provider in Provider)
    assert all(is_relayed("GET", *lists[provider], a_record(provider)) for provider in Provider)
    assert not is_relayed("GET", "models", "", a_record(Provider.CHATGPT, imported=True))
    assert not is_relayed("POST", *questions[Provider.CLAUDE], a_record(Provider.GEMINI))


def test_the_model_is_told_from_the_body_or_the_path_and_nothing_odd_is_one() -> None:
    claude, gemini = a_record(Provider.CLAUDE), a_record(Provider.GEMINI)

    assert (
        model_of("v1/messages", b'{"x": {"model": "other"}, "model": "claude-sonnet-5-5"}', claude)
        == "claude-sonnet-5-5"
    )
    assert model_of("models/gemini-3.5-flash:streamGenerateContent", b"{}", gemini) == "gemini-3.5-flash"
    assert [model_of("v1/messages", body, claude) for body in (b"", b"[1]", b"{", b'{"model": 1}')] == ["", "", "", ""]


def test_no_cookie_and_no_address_comes_back() -> None:
    passed = ["content-type", "date", "retry-after", "request-id", "anthropic-ratelimit-requests-remaining"]

    assert all(map(may_pass_back, passed))
    assert not any(map(may_pass_back, ["set-cookie", "location", "server", "www-authenticate", "connection"]))
