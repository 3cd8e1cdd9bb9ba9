"""Completions as server-sent events, in the chunks of OpenAI."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ssp_policy.errors import as_policy_error
from ssp_policy.http import sample_requests as common
from ssp_policy.http.choices import Choice, Sampling
from ssp_policy.http.replies import EventStream
from ssp_policy.http.sampling_schemas import SamplingRequest
from ssp_policy.sampling.request import SampledToken, SampleEnd, SampleRequest

Chunk = dict[str, Any]


@dataclass(frozen=True)
class ChunkFormat:
    """How one call writes its chunks; a choice does not hold the token that its chunk is about."""

    head: Chunk
    token: Callable[[Choice, SampledToken], Chunk]
    end: Callable[[], Chunk]


async def stream_choices(
    request: web.Request,
    body: SamplingRequest,
    requests: Sequence[SampleRequest],
    sampling: Sampling,
    form: ChunkFormat,
) -> web.StreamResponse:
    """Send each token as it comes, then how its choice ended.

    Errors before the first event are raised; later ones are an event with the error's body.
    """
    stream = EventStream(request)
    choices = [Choice(each) for each in requests]
    try:
        async with aclosing(sampling.stream(requests)) as events:
            async for index, event in events:
                chunk = {"index": index} | _chunk(choices[index], event, form)
                if isinstance(event, SampledToken) and body.return_token_ids:
                    chunk["token_ids"] = [event.id]
                await stream.send(form.head | {"choices": [chunk]})
        if body.stream_options.include_usage:
            counts = {"usage": common.usage(choices, body.n), "ssp": common.timings(choices)}
            await stream.send(form.head | {"choices": []} | counts)
    except Exception as error:
        if not stream.begun:
            raise
        await stream.send(as_policy_error(error).openai_body())
    return await stream.end()


def _chunk(choice: Choice, event: SampledToken | SampleEnd, form: ChunkFormat) -> Chunk:
    if isinstance(event, SampleEnd):
        choice.end = event
        return form.end() | common.ending(choice, with_ids=False)
    chunk = form.token(choice, event) | {"finish_reason": None}
    choice.add(event)
    return chunk
