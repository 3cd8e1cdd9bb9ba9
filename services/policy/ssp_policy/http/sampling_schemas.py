"""The bodies of /v1/completions and /v1/chat/completions.

OpenAI's fields with vLLM's; what is carried out stands here, the others in `neutral_fields`.
"""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ssp_policy.http.field_problems import conflict
from ssp_policy.http.neutral_fields import (
    ChatDialect,
    CompletionDialect,
    DialectFields,
    NeutralOnly,
    Request,
)
from ssp_policy.http.schemas import Count, Finite, Tokens

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
StopText = Annotated[str, Field(min_length=1, max_length=256)]


class StreamOptions(Request):
    """Of a streamed reply."""

    include_usage: bool = False
    """End with an event of the counts of tokens."""
    include_obfuscation: Literal[False] = False
    continuous_usage_stats: Literal[False] = False


class SamplingRequest(DialectFields):
    """What /v1/completions and /v1/chat/completions share; a null field has its default."""

    model: str = "policy"
    """`policy` (the live weights), `reference` or a snapshot."""
    n: Annotated[int, Ge(1), Le(128)] = 1
    """Completions of each prompt."""
    temperature: Annotated[Finite, Ge(0), Le(100)] = 1.0
    """0 is greedy."""
    top_p: Annotated[Finite, Gt(0), Le(1)] = 1.0
    """1 is off."""
    top_k: Annotated[int, Ge(-1), Lt(2**31)] = 0
    """0 and -1 are off."""
    stop: StopText | Annotated[list[StopText], Field(max_length=16, fail_fast=True)] = Field(
        default_factory=list
    )
    """Texts that end a completion; found in sampled text only, and part of it."""
    stop_token_ids: Annotated[Tokens, Field(max_length=256)] = Field(default_factory=list)
    """Tokens that end a completion, and are part of it."""
    seed: Annotated[int, Ge(0), Lt(2**63)] | None = None
    """The same request with the same seed gives the same tokens."""
    min_tokens: Annotated[int, Ge(0), Lt(2**31)] = 0
    """Before so many tokens nothing ends a completion."""
    ignore_eos: bool = False
    """Go on after the model's own end."""
    return_token_ids: bool = False
    """Add `token_ids` and `prompt_token_ids` to each choice."""
    stream: bool = False
    """Reply with server-sent events."""
    stream_options: StreamOptions = StreamOptions()
    skip_special_tokens: bool = True
    """Leave special tokens out of the text."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_default(cls, body: Any) -> Any:
        """OpenAI's clients send null for a field that has its default."""
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if value is not None}

    @model_validator(mode="after")
    def _options_of_a_stream(self) -> "SamplingRequest":
        if "stream_options" in self.model_fields_set and not self.stream:
            raise conflict("stream_options", "stream_options goes with stream: true")
        return self

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop strings."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)


class CompletionRequest(CompletionDialect, SamplingRequest):
    """POST /v1/completions: OpenAI's fields with vLLM's extensions; null stands for a default."""

    prompt: (
        str
        | Tokens
        | Annotated[list[str], Field(fail_fast=True)]
        | Annotated[list[Tokens], Field(fail_fast=True)]
    )
    """Token ids, a text, or a list of either."""
    max_tokens: Count = 16
    logprobs: Annotated[int, Ge(0), Le(20)] | None = None
    """Give the log-probability of each token, and so many of the best others."""
    add_special_tokens: bool = True
    """Of a text prompt: with the tokenizer's first token, where it has one."""
    best_of: int | None = None
    """The value of `n`, or nothing."""

    @model_validator(mode="after")
    def _best_of_is_n(self) -> "CompletionRequest":
        if self.best_of is not None and self.best_of != self.n:
            raise conflict("best_of", "best_of other than n is not supported here; leave it out")
        return self


class TextPart(Request):
    """A part of a message."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One message; the chat template may read further fields of it."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    role: Annotated[str, Field(min_length=1, max_length=64)]
    content: str | Annotated[list[TextPart], Field(fail_fast=True)] | None = None


class ChatRequest(ChatDialect, SamplingRequest):
    """POST /v1/chat/completions: OpenAI's fields with vLLM's; null stands for a default."""

    messages: Annotated[list[Message], Field(min_length=1, fail_fast=True)]
    max_tokens: Count | None = None
    """None: as many as the context has room for."""
    max_completion_tokens: Count | None = None
    """OpenAI's newer name of `max_tokens`."""
    logprobs: bool = False
    """Give the log-probability of each token."""
    top_logprobs: Annotated[int, Ge(0), Le(20)] = 0
    """And so many of the best others; goes with `logprobs`."""
    tools: Annotated[list[dict[str, Any]], Field(fail_fast=True)] = Field(default_factory=list)
    """What the chat template is told of; the model's calls come back as its text."""
    tool_choice: Annotated[Literal["auto", "none"], NeutralOnly('"auto" or "none"')] = "auto"
    parallel_tool_calls: bool = True
    """false is taken only without tools: calls are not counted here."""
    reasoning_effort: ReasoningEffort | None = None
    """Goes to the chat template, where that reads it."""
    chat_template_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further variables of the model's chat template."""
    add_generation_prompt: bool = True

    @model_validator(mode="after")
    def _one_limit(self) -> "ChatRequest":
        limits = {self.max_tokens, self.max_completion_tokens} - {None}
        if len(limits) > 1:
            raise conflict(
                "max_tokens", "max_tokens and max_completion_tokens differ; send one of them"
            )
        return self

    @model_validator(mode="after")
    def _fields_that_go_together(self) -> "ChatRequest":
        if self.top_logprobs and not self.logprobs:
            raise conflict("top_logprobs", "top_logprobs goes with logprobs: true; send both")
        if self.tools and not self.parallel_tool_calls:
            problem = "parallel_tool_calls false beside tools is not supported here; leave it out"
            raise conflict("parallel_tool_calls", problem)
        return self
