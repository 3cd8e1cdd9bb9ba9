"""A request on its way through the engine."""

from dataclasses import dataclass, field

from ssp_policy.sampling.noise import signed64
from ssp_policy.sampling.request import Listener, SampleRequest
from ssp_policy.sampling.stop_strings import StopStrings
from ssp_policy.sampling.text_stream import TextStream


@dataclass(eq=False)
class Sequence:
    """A request's tokens, and how many of them have their keys and values in the cache."""

    id: int
    """Requests that came later have higher ones."""
    request: SampleRequest
    listener: Listener
    text: TextStream | None
    """None without a tokenizer: then there is no text."""
    stops: StopStrings
    submitted_at: float
    seed: int = field(init=False)
    tokens: list[int] = field(init=False)
    """The prompt and what was sampled so far."""
    computed: int = 0
    """Leading tokens with keys and values in `blocks`."""
    blocks: list[int] = field(default_factory=list)
    node: int = 0
    """Node of the last full block, or the root; see blocks.py."""
    row: int = -1
    """Row of the block tables; -1 while the sequence is not running."""
    begun: bool = False
    """Whether it has run: it may wait again, for it gives way when blocks run out."""
    version: str = ""
    """The weights' version that samples it."""
    started_at: float = 0.0
    cached_tokens: int = 0

    def __post_init__(self) -> None:
        """Begin with the prompt alone."""
        self.seed = signed64(self.request.seed)
        self.tokens = list(self.request.prompt)

    @property
    def sampled(self) -> int:
        """Count the tokens sampled so far."""
        return len(self.tokens) - len(self.request.prompt)
