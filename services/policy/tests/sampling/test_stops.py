"""How completions end."""

from engine_run import Recorder, make_engine, run_all
from plain_weights import PlainWeights
from tiny_models import tiny_model, tiny_tokenizer

from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampleRequest

TOKENIZER = tiny_tokenizer("qwen3")
EOS = 399


def engine() -> SamplingEngine:
    return make_engine(
        PlainWeights(TOKENIZER, frozenset({EOS}), policy=tiny_model("qwen3", attention="ssp"))
    )


def sampled(**changes: object) -> Recorder:
    request = {"model": "policy", "prompt": (5, 6, 7), "max_tokens": 60, "ignore_eos": True}
    [recorder] = run_all(engine(), [SampleRequest(**{**request, **changes})])
    return recorder


def ending(recorder: Recorder) -> tuple[str, str | int | None]:
    assert recorder.end is not None
    return recorder.end.finish_reason, recorder.end.stop_reason


def test_length() -> None:
    whole = sampled()
    assert ending(whole) == ("length", None)
    assert len(whole.ids) == 60
    assert whole.text == TOKENIZER.decode(whole.ids, skip_special_tokens=True)


def test_a_stop_text_ends_with_the_token_that_completes_it() -> None:
    """For every place in a text, the stop text of three characters there, across its tokens."""
    whole = sampled(max_tokens=30)
    text = whole.text
    across = 0
    for start in range(0, len(text) - 3, 3):
        stop = text[start : start + 3]
        cut = sampled(max_tokens=30, stop=(stop,))
        if "\N{REPLACEMENT CHARACTER}" in stop and ending(cut)[0] == "length":
            continue  # half a character at the very end, which only the end makes certain
        assert ending(cut) == ("stop", stop)
        assert cut.ids == whole.ids[: len(cut.ids)]
        assert stop in cut.text
        last_delta = cut.tokens[-1].text_delta
        assert stop not in cut.text[: len(cut.text) - len(last_delta)]
        across += len(last_delta) < 3
    assert across > 3


def test_stop_texts_are_not_looked_for_in_the_prompt() -> None:
    whole = sampled(max_tokens=8)
    prompt = tuple(TOKENIZER("</search")["input_ids"])
    [recorder] = run_all(engine(), [SampleRequest("policy", prompt, 8, stop=("</search",))])
    assert ending(recorder)[0] == "length"
    # A stop text that the prompt's end and the first sampled text would make together.
    joined = TOKENIZER.decode([7]) + whole.text[:1]
    assert ending(sampled(max_tokens=1, stop=(joined,)))[0] == "length"


def test_stop_tokens_and_end_of_sequence() -> None:
    whole = sampled()
    stop = next(token for token in whole.ids[5:] if token not in whole.ids[:5])
    place = whole.ids.index(stop)
    by_token = sampled(stop_token_ids=frozenset({stop}))
    assert ending(by_token) == ("stop", stop)
    assert by_token.ids == whole.ids[: place + 1]
    eos_engine = make_engine(
        PlainWeights(TOKENIZER, frozenset({stop}), policy=tiny_model("qwen3", attention="ssp"))
    )
    [by_eos] = run_all(eos_engine, [SampleRequest("policy", (5, 6, 7), 60)])
    assert ending(by_eos) == ("stop", None)
    assert by_eos.ids == whole.ids[: place + 1]


def test_before_min_tokens_nothing_ends() -> None:
    whole = sampled()
    stop = whole.ids[4]
    later = sampled(stop_token_ids=frozenset({stop}), min_tokens=20)
    assert stop not in later.ids[:20]
    assert len(later.ids) > 20
    text_stop = whole.text[:1]
    by_text = sampled(stop=(text_stop,), min_tokens=10, max_tokens=12)
    assert len(by_text.ids) >= 10


def test_without_a_tokenizer_there_is_no_text() -> None:
    plain = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")))
    [recorder] = run_all(plain, [SampleRequest("policy", (1, 2), 5)])
    assert recorder.text == ""
    assert len(recorder.ids) == 5
