"""The answers of /v1/embeddings and /v1/models."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from aiohttp import web

from ssp_encoder.engine import EmbeddingEngine, Vectors
from ssp_encoder.model import EncoderModel
from ssp_encoder.schemas import EmbeddingsRequest
from ssp_encoder.settings import Settings
from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import PolicyError, shown
from ssp_policy.http.replies import encode
from ssp_policy.http.schemas import read_body


@dataclass
class Embeddings:
    """Takes texts up to the limit of those that wait, and gives their vectors."""

    model: EncoderModel
    engine: EmbeddingEngine
    device: DeviceThread
    settings: Settings
    waiting: int = 0
    """Texts that are taken and not answered."""
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    """For tokens and JSON, which would hold up the other requests."""

    async def post(self, request: web.Request) -> web.Response:
        """Answer one request.

        Raises what `read_body` raises, SSP_POLICY_MODEL_UNKNOWN, SSP_POLICY_REQUEST_INVALID,
        SSP_ENCODER_SERVER_QUEUE_FULL, SSP_ENCODER_SERVER_NOT_FINITE, SSP_POLICY_OUT_OF_MEMORY and
        SSP_POLICY_STOPPING.
        """
        body = await read_body(request, EmbeddingsRequest)
        self._check(body)
        texts = body.texts
        limit = self.settings.max_waiting
        if self.waiting > 0 and self.waiting + len(texts) > limit:
            raise PolicyError("SSP_ENCODER_SERVER_QUEUE_FULL", waiting=self.waiting, limit=limit)
        self.waiting += len(texts)
        try:
            return await self._answer(body, texts)
        finally:
            self.waiting -= len(texts)

    async def _answer(self, body: EmbeddingsRequest, texts: list[str]) -> web.Response:
        loop = asyncio.get_running_loop()
        ids_N = await loop.run_in_executor(self._threads, self.model.tokenize, texts)
        future = self.engine.add(ids_N)
        self.device.wake()
        vectors_N_D = await asyncio.wrap_future(future)
        if not np.isfinite(vectors_N_D).all():
            raise PolicyError("SSP_ENCODER_SERVER_NOT_FINITE", count=len(texts))
        tokens = sum(map(len, ids_N))
        reply = await loop.run_in_executor(self._threads, _reply, body, vectors_N_D, tokens)
        return web.Response(body=reply, content_type="application/json")

    def _check(self, body: EmbeddingsRequest) -> None:
        name, dimension = self.settings.name, self.model.dimension
        if body.model != name:
            raise PolicyError(
                "SSP_POLICY_MODEL_UNKNOWN", model=shown(body.model), models=name, param="model"
            )
        if body.dimensions not in {None, dimension}:
            problem = f"dimensions must be {dimension}, or be left out."
            raise PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param="dimensions")


def _reply(body: EmbeddingsRequest, vectors_N_D: Vectors, tokens: int) -> bytes:
    if body.encoding_format == "base64":
        rows = [base64.b64encode(row.tobytes()).decode() for row in vectors_N_D.astype("<f4")]
    else:
        rows = vectors_N_D.tolist()
    data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return encode({"object": "list", "data": data, "model": body.model, "usage": usage})
