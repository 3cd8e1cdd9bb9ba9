"""A later request finds the keys and values of earlier ones, and never those of other weights."""

from engine_run import Recorder, make_engine, plain_logits, run_all, run_to_end
from plain_weights import PlainWeights
from test_greedy import generated, greedy, prompts
from tiny_models import tiny_model

from ssp_policy.sampling.request import SampleRequest


def test_a_second_turn_reuses_the_first() -> None:
    model = tiny_model("qwen3")
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")))
    first = greedy(prompts((37,))[0], 30)
    [turn] = run_all(engine, [first])
    second = greedy((*first.prompt, *turn.ids, 7, 8, 9), 20)
    [answer] = run_all(engine, [second])
    # 37 + 30 tokens, the last one without keys and values: 4 full blocks of 16.
    assert answer.end is not None
    assert answer.end.cached_tokens == 64
    assert answer.ids == generated(model, second)


def test_equal_prompts_in_one_batch_are_computed_once() -> None:
    model = tiny_model("qwen2")
    engine = make_engine(
        PlainWeights(policy=tiny_model("qwen2", attention="ssp")), prefill_tokens=40
    )
    prompt = prompts((100,))[0]
    requests = [greedy(prompt, 5) for _ in range(8)]
    recorders = run_all(engine, requests)
    expected = generated(model, requests[0])
    assert [recorder.ids for recorder in recorders] == [expected] * 8
    stats = engine.stats()
    # The first computes all 100 tokens, the others the 4 after the last full block; the last token
    # of each is the one that is sampled after.
    assert stats.prefix_hit_tokens == 7 * 96
    assert stats.tokens_prefilled == 99 + 7 * 3


def test_prompts_that_part_within_a_block_share_nothing_of_it() -> None:
    model = tiny_model("llama")
    engine = make_engine(PlainWeights(policy=tiny_model("llama", attention="ssp")))
    prompt = prompts((48,))[0]
    others = [(*prompt[:place], 511 - prompt[place], *prompt[place + 1 :]) for place in (0, 20, 47)]
    requests = [greedy(each, 10) for each in (prompt, *others)]
    for request in requests:
        [recorder] = run_all(engine, [request])
        assert recorder.ids == generated(model, request)
    assert engine.stats().prefix_hit_tokens == 0 + 16 + 32


def test_changed_weights_find_nothing_of_the_old() -> None:
    weights = PlainWeights(policy=tiny_model("qwen3", attention="ssp", seed=0))
    engine = make_engine(weights)
    request = greedy(prompts((50,))[0], 10)
    run_all(engine, [request])
    weights.modules["policy"] = tiny_model("qwen3", attention="ssp", seed=5)
    weights.versions["policy"] += 1
    [recorder] = run_all(engine, [request])
    assert recorder.end is not None
    assert recorder.end.cached_tokens == 0
    assert recorder.end.weights_version == "policy@1"
    assert recorder.ids == generated(tiny_model("qwen3", seed=5), request)


def test_models_do_not_share_prefixes() -> None:
    engine = make_engine(
        PlainWeights(
            policy=tiny_model("qwen3", attention="ssp", seed=0),
            old=tiny_model("qwen3", attention="ssp", seed=1),
        )
    )
    prompt = prompts((50,))[0]
    requests = [SampleRequest(name, prompt, 8, temperature=0) for name in ("policy", "old")]
    for seed, recorder in enumerate(run_all(engine, requests)):
        assert recorder.ids == generated(tiny_model("qwen3", seed=seed), requests[0])


def test_reused_blocks_are_forgotten() -> None:
    model = tiny_model("qwen3")
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")), blocks=8)
    requests = [greedy(prompt, 20) for prompt in prompts((60, 50, 70, 60), seed=3)]
    for request in [*requests, *requests]:
        [recorder] = run_all(engine, [request])
        assert recorder.ids == generated(model, request)


def test_logprobs_after_a_prefix_hit() -> None:
    model = tiny_model("qwen3")
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")))
    prompt = prompts((64,))[0]
    for seed in range(3):
        [recorder] = run_all(engine, [SampleRequest("policy", prompt, 12, seed=seed)])
        logprobs = plain_logits(model, [*prompt, *recorder.ids]).log_softmax(-1)
        for index, (token, given) in enumerate(zip(recorder.ids, recorder.logprobs, strict=True)):
            assert abs(given - logprobs[63 + index, token].item()) < 1e-4


def test_a_released_cache_takes_no_memory_and_is_filled_anew() -> None:
    model = tiny_model("qwen3")
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")))
    request = greedy(prompts((50,))[0], 10)
    run_all(engine, [request])
    before = engine.stats()
    assert before.cache_bytes > 0
    engine.release_cache()
    assert engine.stats().cache_bytes == 0
    [recorder] = run_all(engine, [request])
    assert recorder.ids == generated(model, request)
    assert recorder.end is not None
    assert recorder.end.cached_tokens == 0, "no prefix is found in memory that was given back"
    assert engine.stats().cache_bytes == before.cache_bytes


def test_the_cache_stays_while_a_request_is_being_sampled() -> None:
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")))
    request = greedy(prompts((50,))[0], 10)
    recorder = Recorder()
    engine.submit(request, recorder)
    engine.run_batch()
    engine.run_batch()
    engine.release_cache()
    assert engine.stats().cache_bytes > 0
    run_to_end(engine)
    assert recorder.ids == generated(tiny_model("qwen3"), request)
