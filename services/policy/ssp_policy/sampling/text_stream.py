"""Text of a growing list of tokens, a piece for each token.

A byte-level tokenizer's token is a run of bytes, which may end in the middle of a character. The
bytes of all tokens one after the other are the text, so the text can grow without decoding
anything twice.
"""

import codecs
from functools import cache

from transformers import PreTrainedTokenizerBase

from ssp_policy.errors import PolicyError


class TokenBytes:
    """The bytes of every token of a byte-level tokenizer (those of Qwen2, Qwen3 and Llama 3)."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Read the vocabulary; SSP_POLICY_MODEL_UNSUPPORTED where it is not byte-level."""
        decoder = getattr(getattr(tokenizer, "backend_tokenizer", None), "decoder", None)
        if "ByteLevel" not in repr(decoder):
            raise PolicyError(
                "SSP_POLICY_MODEL_UNSUPPORTED",
                path=tokenizer.name_or_path,
                problem="its tokenizer is not a byte-level one",
            )
        self._bytes = {token: _bytes_of(text) for text, token in tokenizer.get_vocab().items()}
        self._special = frozenset(tokenizer.all_special_ids) | {
            token for token, added in tokenizer.added_tokens_decoder.items() if added.special
        }

    def of(self, token: int, *, skip_special: bool) -> bytes:
        """Give the bytes of a token: none for a number that the tokenizer does not know."""
        if skip_special and token in self._special:
            return b""
        return self._bytes.get(token, b"")


class TextStream:
    """The text of one completion, token by token."""

    def __init__(self, token_bytes: TokenBytes, *, skip_special: bool) -> None:
        self._token_bytes = token_bytes
        self._skip_special = skip_special
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, token: int) -> str:
        """Give the text that is certain now; the bytes of half a character are kept back."""
        return self._decoder.decode(self._token_bytes.of(token, skip_special=self._skip_special))

    def finish(self) -> str:
        """Give what was kept back: U+FFFD for half a character, as decoding all at once would."""
        return self._decoder.decode(b"", final=True)


@cache
def _byte_of_character() -> dict[str, int]:
    """Give the bytes behind the characters that stand for them in a byte-level vocabulary.

    Printable characters of Latin-1 stand for themselves, the other bytes for the characters from
    U+0100 on, in order (the table of GPT-2).
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(0x100 + index): byte for index, byte in enumerate(others)
    }


def _bytes_of(text: str) -> bytes:
    """Give a token's bytes; one with any other character is text that was added as it is."""
    table = _byte_of_character()
    if all(character in table for character in text):
        return bytes(table[character] for character in text)
    return text.encode()
