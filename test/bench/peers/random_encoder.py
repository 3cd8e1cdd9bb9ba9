"""Writes a BERT of e5-small's shape with random weights beside the tokenizer of another model's folder."""

import shutil
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertModel


def main():
    source, out = map(Path, sys.argv[1:])
    shutil.copytree(source, out)
    for weights in [*out.glob("*.safetensors"), *out.glob("*.bin")]:
        weights.unlink()
    torch.manual_seed(1)
    # intfloat/e5-small-v2: 12 layers, 384 dimensions, 12 heads, 1536 within a layer.
    BertModel(BertConfig(hidden_size=384, intermediate_size=1536)).save_pretrained(out)


main()
