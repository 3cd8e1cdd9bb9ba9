"""POST /v1/completions: prompts as token ids or text, whole or streamed."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from ssp_policy.http import sample_requests as common
from ssp_policy.http.choices import Choice, check_count
from ssp_policy.http.sampling_route import SamplingRoute
from ssp_policy.http.sampling_schemas import CompletionRequest
from ssp_policy.http.streaming import ChunkFormat
from ssp_policy.sampling.request import SampledToken, SampleRequest


class Completions(SamplingRoute[CompletionRequest]):
    """Answers /v1/completions of one loaded service."""

    kind = ("text_completion", "cmpl")

    async def _requests(self, body: CompletionRequest) -> list[SampleRequest]:
        weights = self._parts.weights
        weights.version(body.model)
        prompts = await self._encode(body)
        check_count(len(prompts) * body.n, self._limit)
        for i, prompt in enumerate(prompts):
            where = f"prompt[{i}]" if len(prompts) > 1 else "prompt"
            common.check_prompt(where, prompt, body.max_tokens, weights)
        return common.make_requests(
            body,
            prompts,
            seed=self._parts.seeds.draw() if body.seed is None else body.seed,
            max_tokens=body.max_tokens,
            top_logprobs=body.logprobs or 0,
        )

    async def _encode(self, body: CompletionRequest) -> list[common.Tokens]:
        """Give the prompts as token ids; an empty list is one empty prompt."""
        prompt = body.prompt
        if isinstance(prompt, str):
            texts = [prompt]
        else:
            texts = [row for row in prompt if isinstance(row, str)]
            rows = [tuple(row) for row in prompt if isinstance(row, list)]
            if not texts:
                return rows or [tuple(token for token in prompt if isinstance(token, int))]
        tokenizer = common.need_tokenizer(self._parts.weights, "a prompt as text")
        encoded: Any = await asyncio.to_thread(
            tokenizer, texts, add_special_tokens=body.add_special_tokens
        )
        return [tuple(row) for row in encoded["input_ids"]]

    def _choice(self, body: CompletionRequest, index: int, choice: Choice) -> dict[str, Any]:
        fields: dict[str, Any] = {"index": index, "text": choice.text, "logprobs": None}
        if body.logprobs is not None:
            fields["logprobs"] = self._logprobs(choice.tokens, body.logprobs, 0)
        return fields | common.ending(choice, with_ids=body.return_token_ids)

    def _logprobs(
        self, tokens: Sequence[SampledToken], top: int, offset: int
    ) -> dict[str, list[Any] | None]:
        """Give OpenAI's lists; `offset` is the length of the text before these tokens."""
        lengths = accumulate((len(token.text_delta) for token in tokens), initial=offset)
        return {
            "tokens": [self._names.of(token.id) for token in tokens],
            "token_logprobs": [token.logprob for token in tokens],
            "top_logprobs": [self._names.top(token.top) for token in tokens] if top else None,
            "text_offset": list(lengths)[:-1],
        }

    def _format(self, body: CompletionRequest) -> ChunkFormat:
        def logprobs(choice: Choice, token: SampledToken) -> dict[str, Any] | None:
            if body.logprobs is None:
                return None
            return self._logprobs([token], body.logprobs, choice.text_length)

        return ChunkFormat(
            head=common.envelope("text_completion", "cmpl", body.model),
            token=lambda choice, token: {
                "text": token.text_delta,
                "logprobs": logprobs(choice, token),
            },
            end=lambda: {"text": "", "logprobs": None},
        )
