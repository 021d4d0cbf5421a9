"""The vendors' own Python SDKs stream an answer from the sandbox.

What keyswitch reads and what the sandbox writes could share one misreading of a protocol; the vendors' code does not.
The SDKs live in an environment of their own (`requirements-sdk.txt`), kept in pytest's cache until that file changes.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.server import Sandbox
from domain.conversation import Role, Turn
from domain.history import anthropic_messages, gemini_contents, openai_input
from tests.support.credentials import NOON
from tests.support.sample_files import a_file
from tests.support.sdk_environment import INSTALL_SECONDS

pytestmark = pytest.mark.slow

SCRIPT_SECONDS = 60

OPENAI = """
import json, sys
from openai import OpenAI

url, key = sys.argv[1:]
client = OpenAI(base_url=url, api_key=key, max_retries=0)
said = (("user", "one"), ("assistant", "two"), ("user", "hi"))
history = [{"role": role, "content": text} for role, text in said]
with client.responses.stream(model="gpt-6.2-sol", input=history, store=False, reasoning={"effort": "low"}) as stream:
    text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
    final = stream.get_final_response()
assert final.output_text == text, final
print(json.dumps([text, final.usage.output_tokens, [model.id for model in client.models.list()]]))
"""

ANTHROPIC = """
import json, sys
from anthropic import Anthropic

url, key = sys.argv[1:]
client = Anthropic(base_url=url, api_key=key, max_retries=0)
said = (("user", "one"), ("assistant", "two"), ("user", "hi"))
history = [{"role": role, "content": text} for role, text in said]
with client.messages.stream(model="claude-opus-5-5", max_tokens=1024, messages=history) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
assert final.stop_reason == "end_turn", final
assert final.content[0].text == text, final
print(json.dumps([text, final.usage.output_tokens, [model.id for model in client.models.list(limit=5)]]))
"""

GOOGLE = """
import json, sys
from google import genai
from google.genai import types

url, key = sys.argv[1:]
client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url, api_version="v1beta"))
history = [types.Content(role=role, parts=[types.Part(text=text)])
           for role, text in (("user", "one"), ("model", "two"), ("user", "hi"))]
config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(thinking_level="LOW"))
text, last = "", None
for last in client.models.generate_content_stream(model="gemini-3.8-flash", contents=history, config=config):
    text += last.text or ""
assert last.candidates[0].finish_reason == types.FinishReason.STOP, last
names = [model.name.removeprefix("models/") for model in client.models.list(config={"page_size": 4})]
print(json.dumps([text, last.usage_metadata.candidates_token_count, names]))
"""

TYPES = {
    "chatgpt": """
from openai.types.responses import ResponseInputParam
from pydantic import TypeAdapter
check = TypeAdapter(ResponseInputParam).validate_python
""",
    "claude": """
from anthropic.types import MessageParam
from pydantic import TypeAdapter
check = TypeAdapter(list[MessageParam]).validate_python
""",
    "gemini": """
from google.genai.types import Content
def check(contents):
    return [Content.model_validate(content) for content in contents]
""",
}
"""What a vendor's own types make of the messages that are read from standard input."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.mark.timeout(INSTALL_SECONDS + SCRIPT_SECONDS)
@pytest.mark.parametrize(
    ("provider", "script", "model"),
    [
        pytest.param("chatgpt", OPENAI, "gpt-6.2-sol", id="openai"),
        pytest.param("claude", ANTHROPIC, "claude-opus-5-5", id="anthropic"),
        pytest.param("gemini", GOOGLE, "gemini-3.8-flash", id="google-genai"),
    ],
)
def test_a_vendors_own_sdk_streams_an_answer_and_lists_the_models(
    sdk_python: Path, sandbox: Sandbox, provider: str, script: str, model: str
) -> None:
    sandbox.log.clear()
    key = sandbox.api_keys[provider][0]
    base = sandbox.origin("gemini") if provider == "gemini" else str(sandbox.provider_settings()[provider]["api_base"])

    done = subprocess.run(
        [sdk_python, "-I", "-c", script, base, key],
        capture_output=True,
        text=True,
        check=False,
        timeout=SCRIPT_SECONDS,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )

    assert done.returncode == 0, done.stderr
    text, output_tokens, models = json.loads(done.stdout)
    assert "2 earlier turns came along" in text
    assert text.endswith("> hi\n")
    assert output_tokens > 0
    assert model in models
    chat = next(entry for entry in sandbox.log.entries() if entry.kind == "chat")
    assert (chat.provider, chat.status, chat.wire_model) == (provider, 200, model)
    assert (chat.credential, chat.own_live_token) == ("api_key:…1234", True)
    assert not any(entry.foreign_token for entry in sandbox.log.entries())


@pytest.mark.timeout(INSTALL_SECONDS + SCRIPT_SECONDS)
def test_files_have_the_form_of_each_sdks_own_types(sdk_python: Path) -> None:
    files = tuple(a_file(name) for name in ("photo.png", "paper.pdf", "notes.md"))
    turns = (Turn(Role.USER, "Compare", NOON, attachments=files),)
    sent = {"chatgpt": openai_input(turns), "claude": anthropic_messages(turns), "gemini": gemini_contents(turns)}
    complaints = {}
    for provider, script in TYPES.items():
        read = "import json, sys\nlist(check(json.load(sys.stdin)))\n"
        done = subprocess.run(
            [sdk_python, "-I", "-c", script + read],
            input=json.dumps(sent[provider]),
            capture_output=True,
            text=True,
            check=False,
            timeout=SCRIPT_SECONDS,
        )
        complaints[provider] = done.stderr

    assert complaints == dict.fromkeys(sent, "")
