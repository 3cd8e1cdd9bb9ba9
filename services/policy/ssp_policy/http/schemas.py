"""The bodies of training, and how a body is read.

Strict: an unknown field, another type or a value out of range is refused. The texts are those of
the OpenAPI document.
"""

import asyncio
from typing import Annotated, TypeVar

from aiohttp import web
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, Field, ValidationError

from ssp_policy.errors import PolicyError, shown
from ssp_policy.http.field_problems import chosen_issue, described
from ssp_policy.http.neutral_fields import Request

Body = TypeVar("Body", bound=BaseModel)
Count = Annotated[int, Ge(1), Lt(2**31)]
TokenId = Annotated[int, Ge(0), Lt(2**31)]
Tokens = Annotated[list[TokenId], Field(fail_fast=True)]
"""The first wrong element is told: a list of a million wrong ones would make a million errors."""
Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[Finite, Ge(0)]
Share = Annotated[Finite, Ge(0), Lt(1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
"""Of a snapshot or a checkpoint; also safe as a folder's name."""
IdempotencyKey = Annotated[str, Field(min_length=1, max_length=128)]
_LARGE_BODY = 1_000_000
_MOST_STRINGS = 200_000
"""Of one body, keys included: each takes time and memory, and each one that is wrong an error."""


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
    """Say what is wrong with one field."""
    issue = chosen_issue(error.errors(include_url=False, include_input=False))
    if issue["type"] == "json_invalid":
        return PolicyError("SSP_POLICY_BODY_MALFORMED", problem=issue.get("ctx", {}).get("error"))
    if issue["type"] == "model_type" and not issue["loc"]:
        return PolicyError("SSP_POLICY_BODY_MALFORMED", problem="it is not an object")
    problem, param = described(issue, schema)
    return PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param=param)
