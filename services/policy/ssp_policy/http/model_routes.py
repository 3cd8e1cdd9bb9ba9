"""The routes that need the model: one table for what is served, read and documented."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ssp_policy.http import reply_schemas as replies
from ssp_policy.http import sampling_schemas, schemas
from ssp_policy.http.app_state import AppState
from ssp_policy.http.handlers import Handlers
from ssp_policy.http.replies import json_reply
from ssp_policy.http.route import Handler, Method, Route
from ssp_policy.http.schemas import Body, read_body

BodyHandler = Callable[[web.Request, Body], Awaitable[web.StreamResponse]]


def model_routes(state: AppState) -> list[Route]:
    """Give the routes that are refused while no model is loaded."""
    return [*_sampling_routes(state), *_training_routes(state), *_snapshot_routes(state)]


def _sampling_routes(state: AppState) -> list[Route]:
    return [
        _reading(
            state,
            "/v1/completions",
            "Sample continuations of prompts, in OpenAI's shape with vLLM's extensions",
            sampling_schemas.CompletionRequest,
            replies.Completion,
            lambda on: on.completions.post,
            is_openai=True,
        ),
        _reading(
            state,
            "/v1/chat/completions",
            "Sample the next message of a chat, in OpenAI's shape",
            sampling_schemas.ChatRequest,
            replies.ChatCompletion,
            lambda on: on.chat.post,
            is_openai=True,
        ),
        _plain(
            state,
            "GET",
            "/v1/models",
            "Names that can be sampled from and scored by, in OpenAI's shape",
            replies.Models,
            lambda on: lambda _request: _models(on),
            is_openai=True,
        ),
        _plain(
            state,
            "GET",
            "/v1/facts",
            "The model: architecture, parameters, context length, memory, checkpoints",
            replies.Facts,
            lambda on: lambda _request: _facts(on),
        ),
    ]


def _training_routes(state: AppState) -> list[Route]:
    return [
        _reading(
            state,
            "/v1/training/logprobs",
            "The log-probability of each token given those before it",
            schemas.LogProbsRequest,
            replies.LogProbs,
            lambda on: on.training.log_probs,
        ),
        _reading(
            state,
            "/v1/training/backward",
            "Add the gradient of the sum over tokens of weight x log-probability",
            schemas.BackwardRequest,
            replies.Backward,
            lambda on: on.training.backward,
        ),
        _reading(
            state,
            "/v1/training/step",
            "One AdamW step down the gradient, which is zero afterwards",
            schemas.StepRequest,
            replies.Step,
            lambda on: on.training.step,
        ),
        _reading(
            state,
            "/v1/training/zero",
            "Drop the gradient",
            schemas.EmptyRequest,
            replies.Zero,
            lambda on: on.training.zero,
        ),
        _reading(
            state,
            "/v1/training/save",
            "Write a checkpoint",
            schemas.SaveRequest,
            replies.Saved,
            lambda on: on.training.save,
        ),
        _reading(
            state,
            "/v1/training/load",
            "Go back to a checkpoint",
            schemas.LoadRequest,
            replies.Loaded,
            lambda on: on.training.load,
        ),
    ]


def _snapshot_routes(state: AppState) -> list[Route]:
    path = "/v1/training/snapshots"
    return [
        _plain(
            state,
            "GET",
            path,
            "The snapshots",
            replies.Snapshots,
            lambda on: on.training.list_snapshots,
        ),
        _reading(
            state,
            path,
            "Keep weights under a name, for good",
            schemas.SnapshotRequest,
            replies.NamedWeights,
            lambda on: on.training.add_snapshot,
        ),
        _plain(
            state,
            "DELETE",
            f"{path}/{{name}}",
            "Drop a snapshot",
            replies.Dropped,
            lambda on: on.training.drop_snapshot,
        ),
    ]


def _plain(
    state: AppState,
    method: Method,
    path: str,
    summary: str,
    reply: Any,
    choose: Callable[[Handlers], Handler],
    *,
    is_openai: bool = False,
) -> Route:
    """Give a route that reads no body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await choose(state.loaded())(request)

    return Route(method, path, summary, answer, reply=reply, is_openai=is_openai)


def _reading(
    state: AppState,
    path: str,
    summary: str,
    body: type[Body],
    reply: Any,
    choose: Callable[[Handlers], BodyHandler[Body]],
    *,
    is_openai: bool = False,
) -> Route:
    """Give a POST route whose body is read as `body`, which is also what is documented."""

    async def answer(request: web.Request) -> web.StreamResponse:
        on = state.loaded()
        return await choose(on)(request, await read_body(request, body))

    can_stream = issubclass(body, sampling_schemas.SamplingRequest)
    return Route(
        "POST", path, summary, answer, body, reply, can_stream=can_stream, is_openai=is_openai
    )


async def _models(on: Handlers) -> web.Response:
    created = int(on.parts.loaded_at)
    names = on.parts.weights.names()
    rows = [
        {"id": name, "object": "model", "created": created, "owned_by": "ssp"} for name in names
    ]
    return json_reply({"object": "list", "data": rows})


async def _facts(on: Handlers) -> web.Response:
    return json_reply(on.parts.facts() | on.training.facts())
