"""The files of a model folder that say how text becomes tokens and back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

_PATTERNS = (
    "tokenizer*",
    "vocab.json",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template*",
)
_NAMED_TEMPLATES = "additional_chat_templates"


def tokenizer_files(folder: Path) -> Iterator[Path]:
    """Give the files, but for those of named chat templates, which have a folder of their own."""
    for pattern in _PATTERNS:
        yield from (path for path in sorted(folder.glob(pattern)) if path.is_file())


def copy_tokenizer(source: Path, folder: Path) -> None:
    """Copy the files, with the chat templates."""
    for path in tokenizer_files(source):
        shutil.copyfile(path, folder / path.name)
    if (source / _NAMED_TEMPLATES).is_dir():
        shutil.copytree(source / _NAMED_TEMPLATES, folder / _NAMED_TEMPLATES)
