"""OpenAI's Responses API: lax for API keys, strict for a ChatGPT plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from starlette.responses import JSONResponse, Response

from adapters.sandbox.answers import Question, compose, stream
from adapters.sandbox.chatgpt.errors import detail, openai_error
from adapters.sandbox.chatgpt.events import error_event, events, whole_response
from adapters.sandbox.chatgpt.oauth import PLAN_SCOPE
from adapters.sandbox.endpoint import Call, Refused, World
from adapters.sandbox.files import NoSuchFile, SentFile, file_of_url
from adapters.sandbox.models import ALL_EFFORTS, OPENAI_MODELS, OPENAI_OTHER_IDS, OpenAIModel
from adapters.sandbox.oauth_server import person

FORBIDDEN_FOR_PLANS: Final = (
    "background",
    "conversation",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "moderation",
    "multi_agent",
    "previous_response_id",
    "prompt",
    "prompt_cache_retention",
    "safety_identifier",
    "temperature",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
)
TOOLS_OF_PLANS: Final = ("function", "custom", "web_search", "web_search_preview")
"""A plan does not pay for tools that OpenAI hosts, save for its search."""
_SAMPLING: Final = ("temperature", "top_p", "top_logprobs")
LARGEST_FILES: Final = 50_000_000
MOST_FILES: Final = 500
_IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_DOCUMENTS: Final = ("application/pdf",)
_PART_TYPES: Final = {"user": {"input_text", "input_image", "input_file"}, "assistant": {"output_text", "refusal"}}


class ResponsesApi:
    """What is asked of `api.openai.com/v1`."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    async def models(self, call: Call) -> Response:
        """`GET /v1/models`: one shape for API keys, another for a plan."""
        if self._authorize(call):
            plan = [model for model in OPENAI_MODELS.values() if model.in_plan]
            listed = [{"slug": model.id, "display_name": model.name, "visibility": "list"} for model in plan]
            hidden = {"slug": "codex-auto-review", "display_name": "Auto review", "visibility": "hide"}
            return JSONResponse({"models": [*listed, hidden]})
        chat = [_listed(model) for model in OPENAI_MODELS.values()]
        other = [
            {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "system"} for name in OPENAI_OTHER_IDS
        ]
        return JSONResponse({"object": "list", "data": [*chat, *other]})

    async def responses(self, call: Call) -> Response:
        """The answer to `POST /v1/responses`."""
        body = call.fields
        model_id = body.get("model")
        call.wire_model = model_id if isinstance(model_id, str) else None
        plan = self._authorize(call)
        if not body:
            raise Refused(openai_error(400, "invalid_json", "We could not parse the JSON body of your request."))
        question = question_of(body, plan=plan)
        charge = partial(self._world.till.openai, call.credential, question.model, body, plan=plan)
        answer = compose(question, call, charge)
        response_id = f"resp_{self._world.mint.hex()}"
        if not body.get("stream"):
            return JSONResponse(whole_response(response_id, body, answer), headers={"x-request-id": "req_fake"})
        all_events = events(response_id, body, answer, plan=plan, fault=call.fault)
        return stream(call, self._world, all_events, error_event=error_event, headers={"x-request-id": "req_fake"})

    def _authorize(self, call: Call) -> bool:
        """Whether a plan token (rather than an API key) pays; refuses anything else."""
        if call.api_key is not None:
            return False
        if call.credential == "none":
            raise Refused(openai_error(401, "missing_api_key", "You didn't provide an API key."))
        if not call.live or call.token is None:
            if call.token is not None and call.token.grant.revoked:
                ended = "This user is no longer signed in to this app."
                raise Refused(openai_error(401, "subscription_sharing_invalid_user", ended))
            text = "Could not validate your token. Please sign in again."
            refused = detail(401, text, code="invalid_token") if call.token else None
            raise Refused(refused or openai_error(401, "invalid_api_key", "Incorrect API key provided."))
        if PLAN_SCOPE not in call.token.grant.scopes:
            raise Refused(openai_error(403, "chatpass_v2_scope_not_authorized", "Plan use was not allowed at sign-in."))
        account = person(call.token.grant.account)
        if account is None or not account.plan_admitted:
            raise Refused(openai_error(403, "subscription_sharing_user_not_eligible", "This plan is not admitted."))
        return True


def question_of(body: Mapping[str, object], *, plan: bool, documents: bool = True) -> Question:
    """What *body* asks; refuses what the API would. *documents* says whether it takes PDF."""
    if plan:
        _check_plan_body(body)
    model = _model(body, plan=plan)
    turns = _turns(body)
    files = list(_files(body, documents=documents))
    if sum(len(file.content) for file in files) > LARGEST_FILES or len(files) > MOST_FILES:
        raise Refused(openai_error(400, "invalid_value", "The files of the request are too many or too large."))
    return Question("ChatGPT", model.id, _effort(body, model), turns, _text(body.get("instructions")), files)


def _listed(model: OpenAIModel) -> dict[str, object]:
    entry: dict[str, object] = {"id": model.id, "object": "model", "created": model.created, "owned_by": "openai"}
    return entry if model.shutdown_date is None else {**entry, "shutdown_date": model.shutdown_date}


def _check_plan_body(body: Mapping[str, object]) -> None:
    if not isinstance(body.get("input"), list):
        raise Refused(detail(400, "Input must be a list", code="input_not_list"))
    if body.get("store") is not False:
        raise Refused(detail(400, "Store must be set to false", code="store_not_false"))
    if body.get("stream") is not True:
        raise Refused(detail(400, "Stream must be set to true", code="stream_not_true"))
    for item in _items(body):
        if item.get("role") == "system":
            raise Refused(detail(400, "System messages are not allowed", code="system_message"))
    forbidden = [name for name in FORBIDDEN_FOR_PLANS if name in body]
    if body.get("service_tier") == "flex":
        forbidden.append("service_tier")
    tools = body.get("tools")
    kinds = [tool.get("type") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    if any(kind not in TOOLS_OF_PLANS for kind in kinds):
        forbidden.append("tools")
    if forbidden:
        raise Refused(
            openai_error(
                400,
                "subscription_sharing_unsupported_capability",
                f"Unsupported parameter: {forbidden[0]}",
                param=forbidden[0],
            )
        )


def _model(body: Mapping[str, object], *, plan: bool) -> OpenAIModel:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise Refused(openai_error(400, "missing_required_parameter", "Missing parameter: 'model'.", param="model"))
    model = OPENAI_MODELS.get(name)
    if model is None:
        text = f"The model '{name}' does not exist or you do not have access to it."
        raise Refused(openai_error(404, "model_not_found", text, param="model"))
    if plan and not model.in_plan:
        text = f"The '{name}' model is not supported when using a ChatGPT plan."
        raise Refused(detail(400, text, code="model_not_in_plan"))
    sampling = [field for field in _SAMPLING if field in body]
    if sampling and not model.sampling:
        text = f"Unsupported parameter: '{sampling[0]}' is not supported with this model."
        raise Refused(openai_error(400, "unsupported_parameter", text, param=sampling[0]))
    return model


def _effort(body: Mapping[str, object], model: OpenAIModel) -> str | None:
    reasoning = body.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, dict) else None
    if effort is None:
        return None
    if effort not in ALL_EFFORTS:
        text = f"Invalid value: '{effort}'."
        raise Refused(openai_error(400, "invalid_value", text, param="reasoning.effort"))
    if effort not in model.efforts:
        known = ", ".join(sorted(model.efforts))
        text = f"Unsupported value: '{effort}' is not supported with the '{model.id}' model. Supported: {known}."
        raise Refused(openai_error(400, "unsupported_value", text, param="reasoning.effort"))
    return str(effort)


def _items(body: Mapping[str, object]) -> list[dict[str, object]]:
    given = body.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise Refused(openai_error(400, "missing_required_parameter", "Missing parameter: 'input'.", param="input"))
    if not all(isinstance(item, dict) for item in given):
        raise Refused(openai_error(400, "invalid_type", "Invalid type for 'input'.", param="input"))
    return given


def _turns(body: Mapping[str, object]) -> list[tuple[str, str]]:
    turns = []
    for number, item in enumerate(_items(body)):
        if item.get("type", "message") != "message":
            continue  # reasoning items and the like may be sent along
        role = item.get("role")
        if role not in ("user", "assistant", "developer", "system"):
            where = f"input[{number}].role"
            raise Refused(openai_error(400, "invalid_value", f"Invalid value: '{role}'.", param=where))
        text = _content(item.get("content"), role=str(role), where=f"input[{number}].content")
        if role in ("user", "assistant"):
            turns.append((str(role), text))
    return turns


def _content(content: object, *, role: str, where: str) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Refused(openai_error(400, "invalid_type", f"Invalid type for '{where}'.", param=where))
    texts = []
    for number, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in _PART_TYPES.get(role, {"input_text"}):
            param = f"{where}[{number}]"
            raise Refused(openai_error(400, "invalid_value", f"Invalid value: '{kind}'.", param=param))
        texts.append(_text(part.get("text")))
    return "\n".join(texts)


def _files(body: Mapping[str, object], *, documents: bool) -> Iterator[SentFile]:
    for number, item in enumerate(_items(body)):
        content = item.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            where = f"input[{number}].content[{place}]"
            kind = part.get("type")
            if kind == "input_file" and not (documents and _text(part.get("filename"))):
                text = f"Missing required parameter: '{where}'."
                raise Refused(openai_error(400, "missing_required_parameter", text, param=where))
            try:
                if kind == "input_image":
                    yield file_of_url(part.get("image_url"), allowed=_IMAGES)
                elif kind == "input_file":
                    yield file_of_url(part.get("file_data"), allowed=_DOCUMENTS)
            except NoSuchFile as problem:
                raise Refused(openai_error(400, "invalid_value", f"Invalid file: {problem}.", param=where)) from problem


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
