"""The tiny policy: an ordinary Qwen3 decoder, small enough for one CPU core."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import Qwen3Config, Qwen3ForCausalLM
from wiring import wire

MAX_TOKENS = 2048


def create_model(folder: Path, attention: str) -> Qwen3ForCausalLM:
    """A model of 1.0 M parameters for the tokenizer in `folder`, with the weights to begin with."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf8"))
    added = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    config = Qwen3Config(
        vocab_size=max(added.values()) + 1,
        hidden_size=128,
        intermediate_size=320,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=48,
        tie_word_embeddings=True,
        max_position_embeddings=MAX_TOKENS,
        rope_theta=10_000_000.0,
        bos_token_id=None,
        eos_token_id=added["<|im_end|>"],
        pad_token_id=added["<|endoftext|>"],
        attn_implementation=attention,
    )
    model = Qwen3ForCausalLM(config)
    wire(model)
    return model


def word_ids(folder: Path) -> list[int]:
    """Ids of whole words and numbers: all but bytes and added tokens."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf8"))
    return [token for token in tokenizer["model"]["vocab"].values() if token >= 256]
