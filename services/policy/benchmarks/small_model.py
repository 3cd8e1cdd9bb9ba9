"""Writes the model of the CPU benchmarks: a random Qwen3 of 0.87 M parameters with a tokenizer.

In services/policy: python -m benchmarks.small_model FOLDER
"""

import sys
from pathlib import Path

import torch
from tiny_models import tiny_tokenizer
from transformers import Qwen3Config, Qwen3ForCausalLM


def save_small_model(folder: Path) -> Path:
    """Write the folder in the Hugging Face format; the same weights each time."""
    tokenizer = tiny_tokenizer("qwen3")
    config = Qwen3Config(
        vocab_size=512,
        hidden_size=128,
        intermediate_size=352,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        tie_word_embeddings=True,
        max_position_embeddings=1024,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    torch.manual_seed(0)
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    save_small_model(Path(sys.argv[1]))
