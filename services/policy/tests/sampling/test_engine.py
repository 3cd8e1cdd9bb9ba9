"""Refusals, cancelling, draining and failures: nothing stays behind, and the engine lives on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from engine_run import Recorder, assert_all_free, make_engine, run_all, run_to_end
from plain_weights import PlainWeights
from test_greedy import generated, greedy, prompts
from tiny_models import tiny_model, tiny_tokenizer

from ssp_policy.errors import PolicyError
from ssp_policy.sampling.request import SampledToken, SampleRequest


def weights() -> PlainWeights:
    return PlainWeights(policy=tiny_model("qwen3", attention="ssp"))


BAD = [
    ({"model": "nobody"}, "SSP_POLICY_MODEL_UNKNOWN"),
    ({"prompt": ()}, "SSP_POLICY_REQUEST_INVALID"),
    ({"prompt": (1, 512)}, "SSP_POLICY_TOKEN_OUT_OF_RANGE"),
    ({"prompt": (-1,)}, "SSP_POLICY_TOKEN_OUT_OF_RANGE"),
    ({"max_tokens": 0}, "SSP_POLICY_REQUEST_INVALID"),
    ({"max_tokens": 1023}, "SSP_POLICY_SEQUENCE_TOO_LONG"),
    ({"temperature": -0.1}, "SSP_POLICY_REQUEST_INVALID"),
    ({"temperature": float("nan")}, "SSP_POLICY_REQUEST_INVALID"),
    ({"top_p": 0.0}, "SSP_POLICY_REQUEST_INVALID"),
    ({"top_k": -1}, "SSP_POLICY_REQUEST_INVALID"),
    ({"min_tokens": 5}, "SSP_POLICY_REQUEST_INVALID"),
    ({"top_logprobs": 21}, "SSP_POLICY_REQUEST_INVALID"),
    ({"stop": ("",)}, "SSP_POLICY_NO_TOKENIZER"),
]


@pytest.mark.parametrize(("change", "code"), BAD)
def test_bad_requests_are_refused(change: dict[str, object], code: str) -> None:
    engine = make_engine(weights())
    request = {"model": "policy", "prompt": (1, 2), "max_tokens": 4, **change}
    with pytest.raises(PolicyError) as refused:
        engine.submit(SampleRequest(**request), Recorder())
    assert refused.value.code == code
    assert not engine.has_work()


def test_an_empty_stop_text_is_refused() -> None:
    engine = make_engine(PlainWeights(tiny_tokenizer(), policy=weights().modules["policy"]))
    with pytest.raises(PolicyError, match="must not be empty"):
        engine.submit(SampleRequest("policy", (1,), 4, stop=("",)), Recorder())


def test_a_request_larger_than_the_pool_is_refused() -> None:
    engine = make_engine(weights(), blocks=2)
    with pytest.raises(PolicyError) as refused:
        engine.submit(greedy((1,) * 30, 3), Recorder())
    assert refused.value.details["limit"] == 32
    run_all(engine, [greedy((1,) * 30, 2)])


def test_the_queue_is_bounded() -> None:
    engine = make_engine(weights(), max_waiting=3)
    for _ in range(3):
        engine.submit(greedy((1, 2), 3), Recorder())
    with pytest.raises(PolicyError) as refused:
        engine.submit(greedy((1, 2), 3), Recorder())
    assert refused.value.code == "SSP_POLICY_QUEUE_FULL"
    engine.run_batch()
    engine.submit(greedy((1, 2), 3), Recorder())
    run_to_end(engine)


def test_cancelling_frees_blocks_and_harms_nobody() -> None:
    model = tiny_model("qwen3")
    engine = make_engine(weights(), max_running=4, prefill_tokens=24)
    requests = [greedy(prompt, 30) for prompt in prompts((33, 17, 40, 5, 20, 9))]
    recorders = [Recorder() for _ in requests]
    ids = [
        engine.submit(request, recorder)
        for request, recorder in zip(requests, recorders, strict=True)
    ]
    engine.cancel(ids[5])  # not even waiting yet
    engine.run_batch()
    engine.cancel(ids[0])  # in the middle of its prompt
    engine.cancel(ids[4])  # waiting
    for _ in range(10):
        engine.run_batch()
    engine.cancel(ids[1])
    engine.cancel(12345)  # unknown: nothing happens
    run_to_end(engine)
    engine.cancel(ids[2])  # has ended
    engine.run_batch()
    reasons = [recorder.end and recorder.end.finish_reason for recorder in recorders]
    assert reasons == ["cancelled", "cancelled", "length", "length", "cancelled", "cancelled"]
    for index in (2, 3):
        assert recorders[index].ids == generated(model, requests[index])
    assert recorders[1].ids == generated(model, requests[1])[: len(recorders[1].ids)]
    assert engine.stats().ended == {"stop": 0, "length": 2, "cancelled": 4, "error": 0}


def test_many_threads_submit_and_cancel() -> None:
    engine = make_engine(weights(), max_running=8)
    recorders = [Recorder() for _ in range(60)]

    def submit(share: list[Recorder]) -> None:
        for index, recorder in enumerate(share):
            request_id = engine.submit(greedy((index + 1, 2, 3), 6), recorder)
            if index % 3 == 0:
                engine.cancel(request_id)

    threads = [threading.Thread(target=submit, args=(recorders[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        engine.run_batch()
    run_to_end(engine)
    assert all(recorder.end for recorder in recorders)


def test_draining_ends_what_was_begun_and_holds_the_rest() -> None:
    model = tiny_model("qwen3")
    engine = make_engine(weights(), max_running=4, blocks=9)
    begun = [greedy(prompt, 40) for prompt in prompts((20, 30, 25))]
    recorders = [Recorder() for _ in begun]
    for request, recorder in zip(begun, recorders, strict=True):
        engine.submit(request, recorder)
    engine.run_batch()
    engine.pause_admission()
    late = Recorder()
    engine.submit(greedy((1, 2, 3), 5), late)
    for _ in range(300):
        engine.run_batch()
    assert engine.is_drained()
    assert engine.stats().preemptions > 0
    engine.run_batch()
    assert not engine.has_work()
    assert late.tokens == []
    for request, recorder in zip(begun, recorders, strict=True):
        assert recorder.ids == generated(model, request)
    engine.resume_admission()
    run_to_end(engine)
    assert late.ids == generated(model, greedy((1, 2, 3), 5))


class FailingWeights(PlainWeights):
    """Weights whose forward pass fails while `error` is set."""

    error: Exception | None = None

    @contextmanager
    def for_sampling(self, model: str) -> Iterator[torch.nn.Module]:
        if self.error and model == "policy":
            handle = self.modules[model].model.layers[1].register_forward_pre_hook(self._fail)
            try:
                yield self.modules[model]
            finally:
                handle.remove()
        else:
            yield self.modules[model]

    def _fail(self, *_: object) -> None:
        assert self.error is not None
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "SSP_POLICY_OUT_OF_MEMORY"),
        (RuntimeError("[enforce fail] not enough memory"), "SSP_POLICY_OUT_OF_MEMORY"),
        (ValueError("a bug"), "SSP_POLICY_INTERNAL"),
    ],
)
def test_a_failed_batch_fails_its_model_and_nothing_else(error: Exception, code: str) -> None:
    failing = FailingWeights(
        policy=tiny_model("qwen3", attention="ssp"), old=tiny_model("qwen3", attention="ssp")
    )
    model = tiny_model("qwen3")
    engine = make_engine(failing, prefill_tokens=40)
    prompt = prompts((50,))[0]
    others = SampleRequest("old", prompt, 8, temperature=0)
    doomed, other = [Recorder(), Recorder()], Recorder()
    for recorder in doomed:
        engine.submit(greedy(prompt, 8), recorder)
    engine.submit(others, other)
    engine.run_batch()
    failing.error = error
    run_to_end(engine)
    for recorder in doomed:
        assert recorder.end is not None
        assert recorder.end.error is not None
        assert recorder.end.error.code == code
    assert other.ids == generated(model, others)
    failing.error = None
    [again] = run_all(engine, [greedy(prompt, 8)])
    assert again.end is not None
    assert again.end.cached_tokens == 0  # what was never written is not found
    assert again.ids == generated(model, greedy(prompt, 8))


def test_logits_that_are_not_finite_end_the_request_and_leave_nothing() -> None:
    sick = tiny_model("qwen3", attention="ssp", tied=False)
    model = tiny_model("qwen3", tied=False)
    with torch.no_grad():
        sick.model.embed_tokens.weight[7] = float("nan")
    engine = make_engine(PlainWeights(policy=sick), blocks=4)
    healthy = greedy((1, 2, 3), 20)
    ill, well = run_all(engine, [greedy((*range(10, 25), 7, 8), 20), healthy])
    assert ill.end is not None
    assert ill.end.error is not None
    assert "not finite" in ill.end.error.message
    assert ill.tokens == []
    assert well.ids == generated(model, healthy)
    # These blocks come back half filled, with the rest of what was in them behind the mask.
    after_it = greedy(prompts((20,))[0], 40)
    [after] = run_all(engine, [after_it])
    assert after.ids == generated(model, after_it)


class Raising(Recorder):
    def on_token(self, token: SampledToken) -> None:
        raise RuntimeError(f"cannot take {token.id}")


def test_a_listener_that_fails_is_cancelled_alone() -> None:
    engine = make_engine(weights())
    raising, other = Raising(), Recorder()
    engine.submit(greedy((1, 2), 9), raising)
    engine.submit(greedy((1, 2), 9), other)
    run_to_end(engine)
    assert raising.end is not None
    assert raising.end.finish_reason == "cancelled"
    assert len(other.ids) == 9


def test_fail_all_frees_everything() -> None:
    engine = make_engine(weights(), max_running=2)
    recorders = [Recorder() for _ in range(5)]
    for recorder in recorders[:4]:
        engine.submit(greedy((1,) * 20, 9), recorder)
    engine.run_batch()
    engine.submit(greedy((1, 2), 9), recorders[4])
    engine.fail_all(PolicyError("SSP_POLICY_STOPPING"))
    for recorder in recorders:
        assert recorder.end is not None
        assert recorder.end.error is not None
        assert recorder.end.error.code == "SSP_POLICY_STOPPING"
    assert not engine.has_work()
    assert_all_free(engine)
    run_all(engine, [greedy((1, 2), 3)])


def test_a_model_that_goes_while_a_request_waits() -> None:
    both = PlainWeights(
        policy=tiny_model("qwen3", attention="ssp"), old=tiny_model("qwen3", attention="ssp")
    )
    engine = make_engine(both)
    gone, stays = Recorder(), Recorder()
    engine.submit(SampleRequest("old", (1, 2), 4), gone)
    engine.submit(greedy((1, 2), 4), stays)
    del both.modules["old"]
    run_to_end(engine)
    assert gone.end is not None
    assert gone.end.error is not None
    assert gone.end.error.code == "SSP_POLICY_MODEL_UNKNOWN"
    assert len(stays.ids) == 4


def test_times_and_counts() -> None:
    engine = make_engine(weights())
    recorders = run_all(engine, [greedy((1, 2, 3), 4), greedy((4, 5), 6)])
    stats = engine.stats()
    assert stats.tokens_sampled == 10
    assert stats.tokens_prefilled == 3
    assert stats.ended["length"] == 2
    for recorder in recorders:
        assert recorder.end is not None
        assert recorder.end.queue_ms >= 0
        assert recorder.end.sampling_ms > 0
        assert recorder.end.weights_version == "policy@0"


def test_a_warm_engine_has_its_memory_and_no_past() -> None:
    engine = make_engine(weights())
    engine.warm_up()
    warm = engine.stats()
    assert warm.cache_bytes > 0
    assert (warm.batches, warm.tokens_sampled, warm.tokens_prefilled) == (0, 0, 0)
    assert (warm.blocks_used, sum(warm.ended.values())) == (0, 0)
    alike = [run_all(each, [greedy((0,) * 32, 6)]) for each in (engine, make_engine(weights()))]
    assert alike[0][0].ids == alike[1][0].ids
    assert alike[0][0].end is not None
    assert alike[0][0].end.cached_tokens == 0
