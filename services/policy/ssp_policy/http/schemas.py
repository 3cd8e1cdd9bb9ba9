"""The request bodies. Strict: an unknown field, another type or a value out of range is refused.

Their texts are those of the OpenAPI document.
"""

import asyncio
import difflib
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from aiohttp import web
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ssp_policy.errors import PolicyError, shown

Body = TypeVar("Body", bound=BaseModel)
Count = Annotated[int, Ge(1), Lt(2**31)]
TokenId = Annotated[int, Ge(0), Lt(2**31)]
Tokens = Annotated[list[TokenId], Field(fail_fast=True)]
"""The first wrong element is told: a list of a million wrong ones would make a million errors."""
Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[Finite, Ge(0)]
Share = Annotated[Finite, Ge(0), Lt(1)]
StopText = Annotated[str, Field(min_length=1, max_length=256)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
"""Of a snapshot or a checkpoint; also safe as a folder's name."""
IdempotencyKey = Annotated[str, Field(min_length=1, max_length=128)]
_LARGE_BODY = 1_000_000
_MOST_STRINGS = 200_000
"""Of one body, keys included: each takes time and memory, and each one that is wrong an error."""
_PLACE_LENGTH = 200
_PROBLEM_LENGTH = 300
_LONGEST_SLIP = 60
"""A longer name is no slip of a field's, and comparing it takes time by its length."""
_NEUTRAL_ONLY = {
    "include_stop_str_in_output",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "length_penalty",
    "min_p",
    "logit_bias",
    "use_beam_search",
    "echo",
    "suffix",
}


class Request(BaseModel):
    """A body: JSON types as they are, no unknown fields."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class StreamOptions(Request):
    """Of a streamed reply."""

    include_usage: bool = False
    """End with an event of the counts of tokens."""


class SamplingRequest(Request):
    """What /v1/completions and /v1/chat/completions share; a null field has its default."""

    model: str = "policy"
    """`policy` (the live weights), `reference` or a snapshot."""
    n: Annotated[int, Ge(1), Le(128)] = 1
    """Completions of each prompt."""
    temperature: Annotated[Finite, Ge(0), Le(100)] = 1.0
    """0 is greedy."""
    top_p: Annotated[Finite, Gt(0), Le(1)] = 1.0
    """1 is off."""
    top_k: Annotated[int, Ge(-1), Lt(2**31)] = 0
    """0 and -1 are off."""
    stop: StopText | Annotated[list[StopText], Field(max_length=16, fail_fast=True)] = Field(
        default_factory=list
    )
    """Texts that end a completion; found in sampled text only, and part of it."""
    stop_token_ids: Annotated[Tokens, Field(max_length=256)] = Field(default_factory=list)
    """Tokens that end a completion, and are part of it."""
    seed: Annotated[int, Ge(0), Lt(2**63)] | None = None
    """The same request with the same seed gives the same tokens."""
    min_tokens: Annotated[int, Ge(0), Lt(2**31)] = 0
    """Before so many tokens nothing ends a completion."""
    ignore_eos: bool = False
    """Go on after the model's own end."""
    return_token_ids: bool = False
    """Add `token_ids` and `prompt_token_ids` to each choice."""
    stream: bool = False
    """Reply with server-sent events."""
    stream_options: StreamOptions = StreamOptions()
    skip_special_tokens: bool = True
    """Leave special tokens out of the text."""
    user: str | None = None
    """Taken and not used."""

    # Fields of the dialect that are not carried out: only their neutral value is taken.
    include_stop_str_in_output: Literal[True] = True
    frequency_penalty: Annotated[float, Ge(0), Le(0)] = 0.0
    presence_penalty: Annotated[float, Ge(0), Le(0)] = 0.0
    repetition_penalty: Annotated[float, Ge(1), Le(1)] = 1.0
    length_penalty: Annotated[float, Ge(1), Le(1)] = 1.0
    min_p: Annotated[float, Ge(0), Le(0)] = 0.0
    logit_bias: Annotated[dict[str, float], Field(max_length=0)] = Field(default_factory=dict)
    use_beam_search: Literal[False] = False

    @model_validator(mode="before")
    @classmethod
    def _null_is_default(cls, body: Any) -> Any:
        """OpenAI's clients send null for a field that has its default."""
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if value is not None}

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop strings."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)


class CompletionRequest(SamplingRequest):
    """POST /v1/completions: OpenAI's fields with vLLM's extensions; null stands for a default."""

    prompt: (
        str
        | Tokens
        | Annotated[list[str], Field(fail_fast=True)]
        | Annotated[list[Tokens], Field(fail_fast=True)]
    )
    """Token ids, a text, or a list of either."""
    max_tokens: Count = 16
    logprobs: Annotated[int, Ge(0), Le(20)] | None = None
    """Give the log-probability of each token, and so many of the best others."""
    add_special_tokens: bool = True
    """Of a text prompt: with the tokenizer's first token, where it has one."""
    echo: Literal[False] = False
    best_of: int | None = None
    """The value of `n`, or nothing."""
    suffix: Literal[""] = ""

    @model_validator(mode="after")
    def _best_of_is_n(self) -> "CompletionRequest":
        if self.best_of is not None and self.best_of != self.n:
            raise ValueError(
                "best_of is not carried out here; leave it out, or send the value of n"
            )
        return self


class TextPart(Request):
    """A part of a message."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One message; the chat template may read further fields of it."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    role: Annotated[str, Field(min_length=1, max_length=64)]
    content: str | Annotated[list[TextPart], Field(fail_fast=True)] | None = None


class ChatRequest(SamplingRequest):
    """POST /v1/chat/completions: OpenAI's fields with vLLM's; null stands for a default."""

    messages: Annotated[list[Message], Field(min_length=1, fail_fast=True)]
    max_tokens: Count | None = None
    """None: as many as the context has room for."""
    max_completion_tokens: Count | None = None
    """OpenAI's newer name of `max_tokens`."""
    logprobs: bool = False
    """Give the log-probability of each token."""
    top_logprobs: Annotated[int, Ge(0), Le(20)] = 0
    """And so many of the best others."""
    tools: Annotated[list[dict[str, Any]], Field(fail_fast=True)] = Field(default_factory=list)
    tool_choice: Literal["auto", "none"] = "auto"
    chat_template_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further variables of the model's chat template."""
    add_generation_prompt: bool = True

    @model_validator(mode="after")
    def _one_limit(self) -> "ChatRequest":
        limits = {self.max_tokens, self.max_completion_tokens} - {None}
        if len(limits) > 1:
            raise ValueError("max_tokens and max_completion_tokens differ; send one of them")
        return self


class ScoredSequence(Request):
    """A sequence to score."""

    tokens: Annotated[Tokens, Field(min_length=1)]
    sampled_logprobs: Annotated[list[Finite | None], Field(fail_fast=True)] | None = None
    """Those that sampling gave, for comparison; null where a token was not sampled."""
    mask: Annotated[list[bool], Field(fail_fast=True)] | None = None
    """True for the tokens that are wanted, the others get null; without it all are."""


class LogProbsRequest(Request):
    """POST /v1/training/logprobs."""

    model: str = "policy"
    """`policy` (the live weights), `reference` or a snapshot."""
    sequences: Annotated[list[ScoredSequence], Field(min_length=1, fail_fast=True)]
    temperature: Annotated[Finite, Gt(0), Le(100)] = 1.0
    """The one that the tokens were sampled at."""
    entropy: bool = False
    """Give the entropy at each place too."""


class WeightedSequence(Request):
    """A sequence and one weight a token."""

    tokens: Annotated[Tokens, Field(min_length=1)]
    weights: Annotated[list[float], Field(fail_fast=True)]
    """The derivative of the loss by each token's log-probability; the first is 0."""


class BackwardRequest(Request):
    """POST /v1/training/backward."""

    sequences: Annotated[list[WeightedSequence], Field(min_length=1, fail_fast=True)]
    temperature: Annotated[Finite, Gt(0), Le(100)] = 1.0
    """The one that the tokens were sampled at."""
    scores: bool = False
    """Also score the tokens that have a weight, with their entropy, in the same pass."""
    idempotency_key: IdempotencyKey | None = None
    """A request with a key is applied once; a repeat gets the first reply again."""


class StepRequest(Request):
    """POST /v1/training/step: one AdamW step."""

    lr: NotNegative
    betas: Annotated[list[Share], Field(min_length=2, max_length=2)] = Field(
        default_factory=lambda: [0.9, 0.999]
    )
    eps: Annotated[Finite, Gt(0)] = 1e-8
    weight_decay: NotNegative = 0.0
    max_grad_norm: Annotated[Finite, Gt(0)] | None = None
    """The gradient is scaled down to this norm where it is longer."""
    idempotency_key: IdempotencyKey | None = None
    """A request with a key is applied once; a repeat gets the first reply again."""


class EmptyRequest(Request):
    """A body without fields."""


class CheckpointName(Request):
    """A checkpoint as the source of a snapshot."""

    checkpoint: Name


class SnapshotRequest(Request):
    """POST /v1/training/snapshots."""

    name: Name
    source: str | CheckpointName = Field(default="policy", alias="from")
    """The weights to keep: those of a model, or of a checkpoint."""


class SaveRequest(Request):
    """POST /v1/training/save."""

    name: Name
    merged: bool = False
    """Write base and adapter in one too."""
    overwrite: bool = False
    """Take the place of a checkpoint of this name."""


class LoadRequest(Request):
    """POST /v1/training/load."""

    name: Name
    manifest_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """What `save` gave: another checkpoint of this name is refused."""


REQUEST_SECONDS = web.AppKey("request_seconds", float)
"""Of an application: the time for a body to arrive whole."""


async def read_body(request: web.Request, schema: type[Body]) -> Body:
    """Give the body as `schema`.

    Raises SSP_POLICY_CONTENT_TYPE, SSP_POLICY_REQUEST_TIMEOUT, SSP_POLICY_BODY_*,
    SSP_POLICY_LIMIT_EXCEEDED and SSP_POLICY_REQUEST_INVALID.
    """
    kind = request.headers.get("Content-Type")
    if (kind is not None or request.body_exists) and request.content_type != "application/json":
        raise PolicyError("SSP_POLICY_CONTENT_TYPE", type=shown(kind or "(none)"))
    try:
        async with asyncio.timeout(request.app[REQUEST_SECONDS]):
            raw = await request.read()
    except TimeoutError:
        raise PolicyError("SSP_POLICY_REQUEST_TIMEOUT") from None
    if len(raw) > _LARGE_BODY:
        return await asyncio.to_thread(parse_body, raw, schema)
    return parse_body(raw, schema)


def parse_body(raw: bytes, schema: type[Body]) -> Body:
    """Give JSON as `schema`; where nothing is required, an empty body counts as `{}`."""
    if not raw and not has_required_field(schema):
        raw = b"{}"
    if not raw:
        raise PolicyError("SSP_POLICY_BODY_MALFORMED", problem="it is empty")
    if raw.count(b'"') > 2 * _MOST_STRINGS:
        problem = f"its body holds more than {_MOST_STRINGS} texts and names of fields"
        raise PolicyError("SSP_POLICY_LIMIT_EXCEEDED", problem=problem)
    try:
        return schema.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(error, schema) from None


def has_required_field(schema: type[BaseModel]) -> bool:
    """Tell whether there must be a body."""
    return any(field.is_required() for field in schema.model_fields.values())


def _refusal(error: ValidationError, schema: type[BaseModel]) -> PolicyError:
    """Say what is wrong with one field: an unknown one, else the one that lies deepest."""
    issues = error.errors(include_url=False, include_input=False)
    unknown = (issue for issue in issues if issue["type"] == "extra_forbidden")
    issue = next(unknown, None) or max(issues, key=lambda each: len(each["loc"]))
    if issue["type"] == "json_invalid":
        return PolicyError("SSP_POLICY_BODY_MALFORMED", problem=issue.get("ctx", {}).get("error"))
    if issue["type"] == "model_type" and not issue["loc"]:
        return PolicyError("SSP_POLICY_BODY_MALFORMED", problem="it is not an object")
    where = _path(issue["loc"])
    problem = _problem(issue["type"], where, issue["msg"], schema)
    return PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param=where or None)


def _problem(kind: str, where: str, message: str, schema: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        near = nearest(where.split(".")[-1], _field_names(schema))
        return f"unknown field {where}{f' (did you mean {near}?)' if near else ''}."
    if where.split("[")[0].split(".")[0] in _NEUTRAL_ONLY:
        return f"{where} is not carried out here; leave it out."
    text = shown(message, _PROBLEM_LENGTH).removeprefix("Value error, ").removeprefix("Input ")
    hint = " (a prompt is a text, a list of token ids, or a list of these)"
    return f"{f'{where} ' if where else ''}{text}{hint if where.startswith('prompt') else ''}."


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Give the known name that is closest to one that may be a slip of it, if any is close."""
    if len(name) > _LONGEST_SLIP:
        return None
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def _field_names(schema: type[BaseModel]) -> list[str]:
    """Every field of the body and of the objects in it."""
    described = schema.model_json_schema()
    objects = [described, *described.get("$defs", {}).values()]
    return [name for each in objects for name in each.get("properties", {})]


def _path(location: tuple[int | str, ...]) -> str:
    """`sequences[3].tokens`; what pydantic adds for the members of a union is left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier() and part not in {"str", "int", "float"}:
            path += f".{shown(part)}" if path else shown(part)
    return shown(path, _PLACE_LENGTH)
