"""Fields of OpenAI's and vLLM's dialects that change nothing here, or would and are not supported.

OpenAI's are those of its Python client 3.57 (`completion_create_params`), vLLM's those of its
`protocol.py` of November 2026, with the older `guided_*`, `early_stopping` and `best_of`. A client
that writes out every field of its form is answered; one that asks for something else is told so.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True)
class NeutralOnly:
    """Marks a field of which only the value that changes nothing is taken."""

    said: str | None = None
    """That value as JSON; None where the field can only be left out, or null."""


class Request(BaseModel):
    """A body: JSON types as they are, no unknown fields."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


Absent = Annotated[None, NeutralOnly()]
Off = Annotated[Literal[False], NeutralOnly("false")]
On = Annotated[Literal[True], NeutralOnly("true")]
Zero = Annotated[float, Ge(0), Le(0), NeutralOnly("0")]
One = Annotated[float, Ge(1), Le(1), NeutralOnly("1")]
NoEntries = Annotated[list[Any], Field(max_length=0), NeutralOnly("[]")]
NoKeys = Annotated[dict[str, Any], Field(max_length=0), NeutralOnly("{}")]
Label = Annotated[str, Field(max_length=1024)]
MetadataKey = Annotated[str, Field(max_length=64)]
MetadataText = Annotated[str, Field(max_length=512)]


class TextFormat(Request):
    """OpenAI's name of plain text."""

    type: Literal["text"]


class DialectFields(Request):
    """Those of /v1/completions and /v1/chat/completions."""

    # Taken and not used: names for bills, logs and caches of the server, and hints.
    user: Label | None = None
    """Taken and not used, as are the names and hints that follow."""
    metadata: Annotated[dict[MetadataKey, MetadataText], Field(max_length=16)] | None = None
    request_id: Label | None = None
    session_id: Label | None = None
    safety_identifier: Label | None = None
    prompt_cache_key: Label | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    spaces_between_special_tokens: bool = True
    """Taken and not used: text is that of the tokens byte for byte."""
    return_mm_kwargs: bool = True

    # Only the neutral value is taken.
    service_tier: Annotated[Literal["auto", "default"], NeutralOnly('"auto"')] = "auto"
    """Only at its neutral value, as all that follow."""
    store: Off = False
    response_format: Annotated[TextFormat, NeutralOnly('{"type": "text"}')] = TextFormat(
        type="text"
    )
    include_stop_str_in_output: On = True
    frequency_penalty: Zero = 0.0
    presence_penalty: Zero = 0.0
    repetition_penalty: One = 1.0
    length_penalty: One = 1.0
    min_p: Zero = 0.0
    logit_bias: NoKeys = Field(default_factory=dict)
    use_beam_search: Off = False
    early_stopping: Off = False
    watermarking: Off = False
    echo: Off = False
    truncate_prompt_tokens: Absent = None
    truncation_side: Absent = None
    prompt_logprobs: Absent = None
    logprob_token_ids: Absent = None
    allowed_token_ids: Absent = None
    bad_words: NoEntries = Field(default_factory=list)
    logits_processors: NoEntries = Field(default_factory=list)
    structured_outputs: Absent = None
    structural_tag: Absent = None
    guided_json: Absent = None
    guided_regex: Absent = None
    guided_choice: Absent = None
    guided_grammar: Absent = None
    guided_decoding_backend: Absent = None
    guided_whitespace_pattern: Absent = None
    priority: Annotated[Literal[0], NeutralOnly("0")] = 0
    cache_salt: Absent = None
    return_tokens_as_token_ids: Off = False
    return_token_offsets: Off = False
    routed_experts_prompt_start: Annotated[Literal[0], NeutralOnly("0")] = 0
    kv_transfer_params: Absent = None
    ec_transfer_params: Absent = None
    vllm_xargs: NoKeys = Field(default_factory=dict)
    repetition_detection: Absent = None
    thinking_token_budget: Annotated[Literal[-1], NeutralOnly("-1")] = -1
    stream_interval: Annotated[Literal[1], NeutralOnly("1")] = 1


class CompletionDialect(DialectFields):
    """Those of /v1/completions alone."""

    suffix: Annotated[Literal[""], NeutralOnly('""')] = ""
    prompt_embeds: Absent = None


class ChatDialect(DialectFields):
    """Those of /v1/chat/completions alone."""

    prompt_cache_options: dict[str, Any] | None = None
    """Taken and not used."""
    modalities: Annotated[list[Literal["text"]], NeutralOnly('["text"]')] = Field(
        default_factory=lambda: ["text"], min_length=1, max_length=1
    )
    verbosity: Annotated[Literal["medium"], NeutralOnly('"medium"')] = "medium"
    audio: Absent = None
    prediction: Absent = None
    moderation: Absent = None
    web_search_options: Absent = None
    functions: NoEntries = Field(default_factory=list)
    function_call: Annotated[Literal["none", "auto"], NeutralOnly('"none"')] = "none"
    add_special_tokens: Off = False
    continue_final_message: Off = False
    include_reasoning: On = True
    documents: NoEntries = Field(default_factory=list)
    chat_template: Absent = None
    media_io_kwargs: NoKeys = Field(default_factory=dict)
    mm_processor_kwargs: NoKeys = Field(default_factory=dict)
    return_prompt_text: Off = False
