"""Text of tokens, piece by piece, and stop texts in it."""

import random

import pytest
from tiny_models import FAMILIES, Family, tiny_tokenizer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from ssp_policy.errors import PolicyError
from ssp_policy.sampling.stop_strings import StopStrings
from ssp_policy.sampling.text_stream import TextStream, TokenBytes


def stream(tokenizer: PreTrainedTokenizerFast, *, skip_special: bool = True) -> TextStream:
    return TextStream(TokenBytes(tokenizer), skip_special=skip_special)


def pieces(of: TextStream, tokens: list[int]) -> list[str]:
    return [*(of.push(token) for token in tokens), of.finish()]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("skip_special", [True, False])
def test_pieces_are_the_decoded_tokens(family: Family, *, skip_special: bool) -> None:
    """Random tokens are mostly broken UTF-8: the pieces agree with the tokenizer there too."""
    tokenizer = tiny_tokenizer(family)
    drawn = random.Random(7)
    for _ in range(300):
        tokens = [drawn.randrange(len(tokenizer)) for _ in range(drawn.randrange(1, 40))]
        text = "".join(pieces(stream(tokenizer, skip_special=skip_special), tokens))
        assert text == tokenizer.decode(tokens, skip_special_tokens=skip_special)


def test_half_a_character_waits_for_the_rest() -> None:
    tokenizer = tiny_tokenizer()
    text = "a 🙃 ü 語"
    tokens = tokenizer(text)["input_ids"]
    got = pieces(stream(tokenizer), tokens)
    assert len(tokens) > len(text)
    assert "".join(got) == text
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in got)
    cut = pieces(stream(tokenizer), tokens[:3])
    assert cut[:-1] == ["a", " ", ""]
    assert cut[-1] == "\N{REPLACEMENT CHARACTER}"


def test_a_token_beyond_the_tokenizer_has_no_text() -> None:
    assert pieces(stream(tiny_tokenizer()), [511, 65])[0] == ""


def test_added_tokens_are_their_own_text() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["<tool_call>", "⟨naïve⟩ "])
    tokens = tokenizer("é<tool_call>⟨naïve⟩ x")["input_ids"]
    assert "".join(pieces(stream(tokenizer), tokens)) == "é<tool_call>⟨naïve⟩ x"


def test_other_tokenizers_are_refused() -> None:
    words = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel({"a": 0}, unk_token="a")))
    with pytest.raises(PolicyError) as refused:
        TokenBytes(words)
    assert refused.value.code == "SSP_POLICY_MODEL_UNSUPPORTED"


def first_stop(stops: tuple[str, ...], text: str) -> tuple[int, str] | None:
    """Find a stop text by reading one character after the other."""
    for end in range(1, len(text) + 1):
        for stop in stops:
            if text[:end].endswith(stop):
                return end, stop
    return None


def test_stops_are_found_wherever_the_text_is_cut() -> None:
    drawn = random.Random(3)
    found = 0
    for _ in range(3000):
        stops = tuple(
            {"".join(drawn.choices("ab", k=drawn.randrange(1, 5))) for _ in range(3)} | {"</x>"}
        )
        text = "".join(drawn.choices("ab", k=4)) + "</x>"
        expected = first_stop(stops, text)
        finder, read, got = StopStrings(stops), 0, None
        while read < len(text) and got is None:
            size = drawn.randrange(1, 4)
            got = finder.push(text[read : read + size])
            read += size
        assert expected is not None
        end, stop = expected
        assert got == stop
        assert read - 3 < end <= read
        found += 1
    assert found == 3000


def test_no_stop_texts() -> None:
    assert StopStrings(()).push("anything") is None


def test_a_stop_text_that_ended_before_is_not_found_again() -> None:
    finder = StopStrings(("ab", "abcd"))
    assert finder.push("xab") == "ab"
    assert finder.push("c") is None
    assert finder.push("d") == "abcd"
