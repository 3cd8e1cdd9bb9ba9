"""Running the engine in tests: requests in, what their listeners got out."""

from dataclasses import dataclass, field

import torch
from plain_weights import PlainWeights

from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampledToken, SampleEnd, SampleRequest, SamplingLimits


@dataclass
class Recorder:
    """A listener that keeps everything."""

    tokens: list[SampledToken] = field(default_factory=list)
    end: SampleEnd | None = None

    def on_token(self, token: SampledToken) -> None:
        assert self.end is None, "a token after the end"
        self.tokens.append(token)

    def on_end(self, end: SampleEnd) -> None:
        assert self.end is None, "two ends"
        self.end = end

    @property
    def ids(self) -> list[int]:
        return [token.id for token in self.tokens]

    @property
    def logprobs(self) -> list[float]:
        return [token.logprob for token in self.tokens]

    @property
    def text(self) -> str:
        return "".join(token.text_delta for token in self.tokens)


def make_engine(weights: PlainWeights, **limits: int) -> SamplingEngine:
    return SamplingEngine(weights, SamplingLimits(**{"blocks": 512, **limits}))


def run_all(engine: SamplingEngine, requests: list[SampleRequest]) -> list[Recorder]:
    """Submit all, run to the end, and check that nothing is left behind."""
    recorders = [Recorder() for _ in requests]
    for request, recorder in zip(requests, recorders, strict=True):
        engine.submit(request, recorder)
    run_to_end(engine)
    assert all(recorder.end for recorder in recorders)
    return recorders


def run_to_end(engine: SamplingEngine, batches: int = 10_000) -> None:
    for _ in range(batches):
        if not engine.has_work():
            break
        engine.run_batch()
    assert_all_free(engine)


def assert_all_free(engine: SamplingEngine) -> None:
    """Hold the accounts: with nothing left to do every block is free."""
    stats = engine.stats()
    assert (stats.running, stats.waiting, stats.blocks_used) == (0, 0, 0)
    pool = engine._scheduler.pool
    assert pool.free == pool.blocks
    assert not any(pool._holders)


def plain_logits(model: torch.nn.Module, tokens: list[int]) -> torch.Tensor:
    """Logits (positions, vocabulary) of one whole sequence by transformers alone."""
    with torch.no_grad():
        return model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0]
