"""The tokenizer of a model folder: tokenizer.json, by the same rule as in src/chat/tokenizer.ts.

tokenizer.json says which ids a text gets, whatever class tokenizer_config.json names: some of those
classes build a tokenizer of their own from its vocabulary. The other files say which tokens are
special. Where they contradict tokenizer.json they are refused.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from ssp_policy.errors import PolicyError
from ssp_policy.model.folder import read_table, unreadable

_CONFIG = "tokenizer_config.json"
_MAP = "special_tokens_map.json"
_NAMED = tuple(f"{name}_token" for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask"))
_CHANGING = (
    "do_lower_case",
    "do_lowercase_and_remove_accent",
    "remove_space",
    "split_special_tokens",
    "strip_accents",
)
"""They would change the text before it is encoded; tokenizer.json has its own way to say so."""
_FLAGS = ("lstrip", "rstrip", "single_word", "special")
_WIDE_FLAGS = _FLAGS[:3]
"""An added token with one of these looks at the text beside it."""


def check_tokenizer(folder: Path, vocab_size: int) -> None:
    """Check the files of a folder's tokenizer, where it has one; seconds, and nothing is loaded.

    Raises what `load_tokenizer` does.
    """
    if (folder / "tokenizer.json").exists():
        _check_files(folder, vocab_size)


def load_tokenizer(folder: Path, vocab_size: int) -> PreTrainedTokenizerBase | None:
    """Load a folder's tokenizer; None where it has none.

    Raises SSP_POLICY_MODEL_UNREADABLE with the damaged file, and SSP_POLICY_TOKENIZER_REFUSED where
    files contradict one another or an id is `vocab_size` or more.
    """
    path = folder / "tokenizer.json"
    if not path.exists():
        return None
    _check_files(folder, vocab_size)
    try:
        return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        raise unreadable(path, error) from error


def _check_files(folder: Path, vocab_size: int) -> None:
    tokenizer = read_table(folder / "tokenizer.json")
    config = read_table(folder / _CONFIG) if (folder / _CONFIG).exists() else {}
    try:
        added = {token["content"]: token for token in tokenizer["added_tokens"]}
        ids: dict[str, int] = {
            **tokenizer["model"]["vocab"],
            **{content: token["id"] for content, token in added.items()},
        }
        _check_kind(folder, tokenizer)
        _check_changes(folder, config)
        _check_added(folder, config, added, ids)
        for file, field, token in _special_tokens(folder, config):
            if token not in ids:
                raise _refused(folder, f"{file} has {field} {token}, unknown to tokenizer.json")
    except (KeyError, TypeError, AttributeError) as error:
        raise unreadable(folder / "tokenizer.json", error) from error
    last = max(ids, key=lambda token: ids[token])
    if ids[last] >= vocab_size:
        problem = f"tokenizer.json gives {last} the id {ids[last]}, config.json has vocab_size "
        raise _refused(folder, f"{problem}{vocab_size}")


def _check_kind(folder: Path, tokenizer: Mapping[str, Any]) -> None:
    """Refuse what the trainer and the evaluation do not encode as Python does."""
    model, decoder = tokenizer["model"], tokenizer.get("decoder") or {}
    for field, value, wanted in (
        ("model.type", model.get("type"), "BPE"),
        ("decoder.type", decoder.get("type"), "ByteLevel"),
    ):
        if value != wanted:
            said = json.dumps(value)
            problem = f"tokenizer.json has {field} {said}, only byte-level BPE is trained here"
            raise _refused(folder, problem)
    if model.get("dropout"):
        problem = f"tokenizer.json has model.dropout {model['dropout']}: ids would be drawn"
        raise _refused(folder, problem)
    for token in tokenizer["added_tokens"]:
        for flag in _WIDE_FLAGS:
            if token.get(flag):
                problem = f"tokenizer.json has {flag} true of its added token {token['content']}"
                raise _refused(folder, f"{problem}, which then looks at the text beside it")


def _check_changes(folder: Path, config: Mapping[str, Any]) -> None:
    for field in _CHANGING:
        if config.get(field):
            said = json.dumps(config[field])
            raise _refused(
                folder, f"{_CONFIG} has {field} {said}, tokenizer.json does no such thing"
            )


def _check_added(
    folder: Path, config: Mapping[str, Any], added: Mapping[str, Any], ids: Mapping[str, int]
) -> None:
    """Compare the added tokens that tokenizer_config.json lists with those of tokenizer.json."""
    for key, token in config.get("added_tokens_decoder", {}).items():
        content = token["content"]
        if ids.get(content) != int(key):
            found = f"tokenizer.json has {ids.get(content, 'none')}"
            raise _refused(folder, f"{_CONFIG} gives {content} the id {key}, {found}")
        for flag in _FLAGS:
            said, own = token.get(flag, False), added.get(content, {}).get(flag, False)
            if said != own:
                problem = f"{_CONFIG} says {flag} {json.dumps(said)} of {content}, "
                raise _refused(folder, f"{problem}tokenizer.json says {json.dumps(own)}")


def _special_tokens(folder: Path, config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give file, field and content of each token that a file calls special."""
    tables = [(_CONFIG, config)]
    if "added_tokens_decoder" not in config and (folder / _MAP).exists():
        tables.append((_MAP, read_table(folder / _MAP)))
    for file, table in tables:
        for field in _NAMED:
            if table.get(field) is not None:
                yield file, field, _content(table[field])
        for field in ("additional_special_tokens", "extra_special_tokens"):
            more = table.get(field) or []
            for token in more.values() if isinstance(more, dict) else more:
                yield file, field, _content(token)


def _content(token: Any) -> str:
    return token if isinstance(token, str) else token["content"]


def _refused(folder: Path, problem: str) -> PolicyError:
    return PolicyError("SSP_POLICY_TOKENIZER_REFUSED", path=folder, problem=problem)
