"""What the two routes that sample have in common: requests in, choices out, whole or streamed."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from aiohttp import web

from ssp_policy.http import sample_requests as common
from ssp_policy.http.choices import Choice, Sampling
from ssp_policy.http.replies import json_reply
from ssp_policy.http.sampling_schemas import ChatRequest, CompletionRequest
from ssp_policy.http.streaming import ChunkFormat, stream_choices
from ssp_policy.parts import Parts
from ssp_policy.sampling.request import SampleRequest

Body = TypeVar("Body", CompletionRequest, ChatRequest)


class SamplingRoute(ABC, Generic[Body]):
    """Answers one route of one loaded service."""

    kind: ClassVar[tuple[str, str]]
    """OpenAI's `object` of a whole reply, and the prefix of its id."""

    def __init__(
        self, parts: Parts, sampling: Sampling, names: common.TokenNames, limit: int
    ) -> None:
        self._parts = parts
        self._sampling = sampling
        self._names = names
        self._limit = limit

    async def post(self, request: web.Request, body: Body) -> web.StreamResponse:
        """Answer one request."""
        requests = await self._requests(body)
        if body.stream:
            return await stream_choices(request, body, requests, self._sampling, self._format(body))
        choices = await self._sampling.collect(requests)
        reply = common.envelope(*self.kind, body.model) | {
            "choices": [self._choice(body, i, choice) for i, choice in enumerate(choices)],
            "usage": common.usage(choices, body.n),
            "ssp": common.timings(choices),
        }
        return json_reply(reply)

    @abstractmethod
    async def _requests(self, body: Body) -> list[SampleRequest]:
        """Give what is to be sampled, checked; `n` for each prompt."""

    @abstractmethod
    def _choice(self, body: Body, index: int, choice: Choice) -> dict[str, Any]:
        """Give one choice of a whole reply."""

    @abstractmethod
    def _format(self, body: Body) -> ChunkFormat:
        """Give the chunks of a streamed reply."""
