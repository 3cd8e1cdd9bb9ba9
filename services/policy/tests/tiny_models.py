"""Tiny random models and tokenizers of the supported families, for tests.

They are real transformers models (a fixed seed, no download), small enough for one CPU core.
"""

from pathlib import Path
from typing import Literal

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

Family = Literal["qwen2", "qwen3", "llama"]
FAMILIES: tuple[Family, ...] = ("qwen2", "qwen3", "llama")

_CLASSES = {
    "qwen2": (Qwen2Config, Qwen2ForCausalLM),
    "qwen3": (Qwen3Config, Qwen3ForCausalLM),
    "llama": (LlamaConfig, LlamaForCausalLM),
}

# The end-of-turn and end-of-text tokens of each family; both get the highest ids of the tokenizer.
_SPECIAL_TOKENS = {
    "qwen2": ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    "qwen3": ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    "llama": ("<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
}

_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_LLAMA = (
    "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
_CHAT_TEMPLATES = {"qwen2": _CHATML, "qwen3": _CHATML, "llama": _LLAMA}

_TRAINING_TEXT = (
    "the search returned three passages about the river and the city",
    "what is the capital of the country in which the author was born?",
    "<search>who wrote the book</search> <information>passage 1</information>",
    "<think>the answer is in the second passage</think><answer>the answer</answer>",
    "naïve café, Zürich, 東京, Москва, 🙂",
)


def tiny_model(
    family: Family = "qwen3",
    *,
    vocab_size: int = 512,
    hidden_size: int = 32,
    layers: int = 2,
    heads: int = 4,
    kv_heads: int = 2,
    context_length: int = 1024,
    tied: bool = True,
    seed: int = 0,
    attention: str = "sdpa",
    dtype: torch.dtype = torch.float32,
) -> PreTrainedModel:
    """Make a random model in evaluation mode; the same arguments give the same weights.

    `hidden_size` must be a multiple of `heads`, and `heads` of `kv_heads`. The initial range is
    wide, so that the next-token distribution is far from uniform and errors show.
    """
    config_class, model_class = _CLASSES[family]
    config = config_class(
        vocab_size=vocab_size,
        hidden_size=hidden_size,
        intermediate_size=hidden_size * 2,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=context_length,
        tie_word_embeddings=tied,
        initializer_range=0.25,
        bos_token_id=None,
        eos_token_id=None,
        **({"head_dim": hidden_size // heads} if family == "qwen3" else {}),
    )
    config._attn_implementation = attention
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config)
    return model.to(dtype).eval()


def small_config(*, vocab_size: int, context_length: int, eos_token_id: int | None) -> Qwen3Config:
    """Give the shape of 0.87 M parameters (with 512 ids) that learns and is measured on a CPU."""
    return Qwen3Config(
        vocab_size=vocab_size,
        hidden_size=128,
        intermediate_size=352,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        tie_word_embeddings=True,
        max_position_embeddings=context_length,
        bos_token_id=None,
        eos_token_id=eos_token_id,
    )


def tiny_tokenizer(family: Family = "qwen3", *, vocab_size: int = 512) -> PreTrainedTokenizerFast:
    """Make a byte-level BPE tokenizer with the family's chat template.

    It has at most `vocab_size` tokens (at least 260: all bytes and the special tokens); the end of
    a turn is its `eos_token`. One character outside ASCII is several tokens in most cases.
    """
    specials = _SPECIAL_TOKENS[family]
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=vocab_size - len(specials),
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TRAINING_TEXT, trainer)
    tokenizer.add_special_tokens(list(specials))
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=specials[-1], pad_token=specials[0]
    )
    made.chat_template = _CHAT_TEMPLATES[family]
    return made


def save_tiny_folder(
    folder: Path, family: Family = "qwen3", *, vocab_size: int = 512, seed: int = 0
) -> Path:
    """Write a model and its tokenizer in the Hugging Face format, as a download would be."""
    model = tiny_model(family, vocab_size=vocab_size, seed=seed)
    tokenizer = tiny_tokenizer(family, vocab_size=vocab_size)
    model.config.eos_token_id = tokenizer.eos_token_id
    if model.generation_config is not None:
        model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
