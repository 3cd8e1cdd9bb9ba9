"""The bodies of replies, for the OpenAPI document; the tests hold every reply against them."""

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from ssp_policy.readiness import State

_whole = with_config(ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True))


@_whole
class Health(TypedDict):
    """The process lives; and whether it is ready, for clients that wait without errors."""

    status: Literal["ok"]
    version: str
    ready: bool
    state: State
    progress: NotRequired[float]
    """Share of loading that is done, 0 to 1."""
    what: NotRequired[str]
    """What is being done."""


@_whole
class Stage(TypedDict):
    """One stage of loading."""

    name: str
    unit: str
    done: int
    total: int
    ended: bool


@_whole
class Failure(TypedDict):
    """Why loading failed."""

    code: str
    message: str


@_whole
class Ready(TypedDict):
    """The state of the service; `ready` and what follows as in /healthz."""

    status: State
    detail: str
    """The status in words, with how far loading is."""
    stages: list[Stage]
    error: NotRequired[Failure]
    ready: bool
    state: State
    progress: NotRequired[float]
    what: NotRequired[str]


@_whole
class About(TypedDict):
    """What the service is, and where to go."""

    service: str
    version: str
    status: State
    access: str
    """What a request needs to be answered."""
    routes: dict[str, str]
    """`GET /path` and what it is for."""
    example: str
    """A first request, as it is typed."""
    documents: dict[str, str]
    """Where to read on."""


@_whole
class Error(TypedDict):
    """Every error but those of OpenAI's routes."""

    code: str
    """A code of ERRORS.md."""
    message: str
    remedy: str
    """What to do."""
    details: dict[str, str | int]
    """The values in the texts, and `param`, the field at fault, where there is one."""


@_whole
class OpenAiErrorFields(TypedDict):
    """The fields of OpenAI's error, and ours."""

    code: str
    """A code of ERRORS.md."""
    message: str
    remedy: str
    """What to do."""
    type: Literal["invalid_request_error", "server_error"]
    details: dict[str, str | int]
    """The values in the texts."""
    param: NotRequired[str]
    """The field at fault."""


@_whole
class OpenAiError(TypedDict):
    """An error as OpenAI's clients read it."""

    error: OpenAiErrorFields


@_whole
class PromptTokensDetails(TypedDict):
    """Of the prompts' tokens."""

    cached_tokens: int
    """Those whose keys and values were still there."""


@_whole
class Usage(TypedDict):
    """Counts of tokens; each prompt counts once."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails


@_whole
class Timings(TypedDict):
    """Which weights sampled, and the longest times of the choices."""

    weights_version: str
    queue_ms: float
    sampling_ms: float


class _ChoiceEnd(TypedDict):
    index: int
    finish_reason: Literal["stop", "length"]
    stop_reason: str | int | None
    """The stop text or token id that ended it; null for the model's own end."""
    weights_version: str
    token_ids: NotRequired[list[int]]
    """With `return_token_ids`."""
    prompt_token_ids: NotRequired[list[int]]
    """With `return_token_ids`."""


@_whole
class TextLogProbs(TypedDict):
    """Lists of a value for each token."""

    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float | None]] | None
    """The likeliest tokens; null where none are asked for."""
    text_offset: list[int]


@_whole
class TextChoice(_ChoiceEnd):
    """One continuation."""

    text: str
    logprobs: TextLogProbs | None


@_whole
class Completion(TypedDict):
    """The reply of OpenAI's completions."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage
    ssp: Timings


@_whole
class TokenLogProb(TypedDict):
    """A token with its log-probability."""

    token: str
    logprob: float | None
    bytes: list[int] | None
    """Of the token itself, which may be half a character; null where it has none."""


@_whole
class ChatToken(TokenLogProb):
    """A sampled token, and the likeliest ones at its place."""

    top_logprobs: list[TokenLogProb]


@_whole
class ChatLogProbs(TypedDict):
    """One entry for each token."""

    content: list[ChatToken]


@_whole
class AssistantMessage(TypedDict):
    """What was sampled."""

    role: Literal["assistant"]
    content: str


@_whole
class ChatChoice(_ChoiceEnd):
    """One message."""

    message: AssistantMessage
    logprobs: ChatLogProbs | None


@_whole
class ChatCompletion(TypedDict):
    """The reply of OpenAI's chat completions."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage
    ssp: Timings


@_whole
class Model(TypedDict):
    """A name that can be sampled from and scored by."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


@_whole
class Models(TypedDict):
    """The names."""

    object: Literal["list"]
    data: list[Model]


@_whole
class Memory(TypedDict):
    """Of the device; on the CPU that of the process."""

    now_bytes: int
    peak_bytes: int


@_whole
class Facts(TypedDict):
    """The model and its present state."""

    architecture: str
    family: str
    parameters: int
    trainable: int
    """Parameters that are trained."""
    mode: Literal["full", "lora"]
    lora_rank: int | None
    context_length: int
    max_sequence_tokens: int
    vocab: int
    """Token ids go from 0 to one less."""
    eos_token_ids: list[int]
    has_tokenizer: bool
    tied_embeddings: bool
    dtype: str
    device: str
    exact_sampling: bool
    gradient_checkpointing: bool
    """As told, or as chosen to fit the memory; so are the next two."""
    micro_batch_tokens: int
    kv_cache_bytes: int
    models: list[str]
    weights_version: str
    flops_per_token: int
    """Of one trained token, and `flops_per_token_and_context` more for each one before it."""
    flops_per_token_and_context: int
    memory: Memory
    trained_steps: int
    """Optimizer steps since the model folder was loaded; a loaded checkpoint brings its own."""
    checkpoint_bytes: int
    """What a checkpoint takes on disk, about, without `merged`."""
    checkpoint_free_bytes: int
    """Free on the disk of the checkpoints; 0 where that is not known."""


@_whole
class SequenceScores(TypedDict):
    """One value for each token; null for the first, which has nothing before it, and as masked."""

    logprobs: list[float | None]
    entropy: NotRequired[list[float | None]]
    """In nats, where it was asked for."""


@_whole
class SamplerGap(TypedDict):
    """Absolute differences to `sampled_logprobs`."""

    mean: float | None
    max: float | None
    tokens: int


@_whole
class LogProbs(TypedDict):
    """Scores, in the order of the sequences."""

    results: list[SequenceScores]
    weights_version: str
    sampler_gap: NotRequired[SamplerGap]
    """Where `sampled_logprobs` came along."""


@_whole
class Backward(TypedDict):
    """What was added to the gradient."""

    tokens: int
    trained_tokens: int
    """Those with a weight other than 0."""
    sum: float
    """Over the tokens, of weight x log-probability."""
    repeated: bool
    """The key was known: nothing was done now."""
    pending_sequences: int
    """In the gradient."""
    weights_version: str
    results: NotRequired[list[SequenceScores]]
    """In the order of the sequences, where `scores` was asked for; null for a weight of 0."""


@_whole
class Step(TypedDict):
    """One AdamW step."""

    grad_norm: float
    """Before clipping."""
    clipped: bool
    lr: float
    weights_version: str
    step: int
    """Counted from 1, when the weights were first loaded."""
    repeated: bool
    """The key was known: nothing was done now."""


@_whole
class Zero(TypedDict):
    """What was dropped."""

    dropped_sequences: int


@_whole
class NamedWeights(TypedDict):
    """Weights with their name."""

    name: str
    weights_version: str


@_whole
class Loaded(NamedWeights):
    """A checkpoint whose weights are now the policy's."""

    manifest_sha256: str


@_whole
class Snapshots(TypedDict):
    """In the order in which they were made."""

    snapshots: list[NamedWeights]


@_whole
class Dropped(TypedDict):
    """A snapshot that is no more."""

    name: str
    dropped: Literal[True]


@_whole
class Saved(TypedDict):
    """A checkpoint that was written."""

    path: str
    bytes: int
    files: int
    manifest_sha256: str
