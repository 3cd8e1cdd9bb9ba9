"""The request with which a sampling engine warms up."""

from ssp_policy.sampling.request import SampledToken, SampleEnd, SampleRequest

_PROMPT_TOKENS = 32
_NEW_TOKENS = 4


def warm_up_request(longest: int) -> SampleRequest:
    """Give a request that takes every way a usual one takes; `longest` is the longest sequence.

    One pass over a prompt, then token by token, drawn by temperature, top-k and top-p.
    """
    new = max(1, min(_NEW_TOKENS, longest - 1))
    return SampleRequest(
        model="policy",
        prompt=(0,) * max(1, min(_PROMPT_TOKENS, longest - new)),
        max_tokens=new,
        temperature=1.0,
        top_p=0.9,
        top_k=2,
        ignore_eos=True,
    )


class Unheard:
    """A listener of what nobody asked for."""

    def on_token(self, token: SampledToken, /) -> None:
        """Take the next token."""

    def on_end(self, end: SampleEnd, /) -> None:
        """Take the end."""
