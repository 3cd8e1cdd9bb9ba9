"""Completions as the engine's listeners collect them."""

from dataclasses import dataclass, field

from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampledToken, SampleEnd, SampleRequest


@dataclass
class Completion:
    """A listener that keeps what it hears."""

    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    end: SampleEnd | None = None

    def on_token(self, token: SampledToken, /) -> None:
        """Keep a token."""
        self.ids.append(token.id)
        self.logprobs.append(token.logprob)

    def on_end(self, end: SampleEnd, /) -> None:
        """Keep the end."""
        self.end = end


def submit_all(engine: SamplingEngine, requests: list[SampleRequest]) -> list[Completion]:
    """Queue the requests; gives what will be their completions."""
    completions = [Completion() for _ in requests]
    for request, completion in zip(requests, completions, strict=True):
        engine.submit(request, completion)
    return completions


def sample_all(engine: SamplingEngine, requests: list[SampleRequest]) -> list[Completion]:
    """Sample the requests to their end; raises the first error of one."""
    completions = submit_all(engine, requests)
    while engine.has_work():
        engine.run_batch()
    for completion in completions:
        if completion.end is None or completion.end.error is not None:
            raise RuntimeError("a request failed") from (completion.end and completion.end.error)
    return completions
