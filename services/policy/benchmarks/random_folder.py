"""Writes a model folder with random weights in a known shape: memory and speed depend on no value.

In services/policy: python -m benchmarks.random_folder SHAPE FOLDER
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from benchmarks.shapes import SHAPES


def save_random_folder(shape: str, folder: Path) -> None:
    """Write the folder in bf16, as such models are published; without a tokenizer."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(SHAPES[shape], dtype=torch.bfloat16)
    model.save_pretrained(folder)


if __name__ == "__main__":
    save_random_folder(sys.argv[1], Path(sys.argv[2]))
