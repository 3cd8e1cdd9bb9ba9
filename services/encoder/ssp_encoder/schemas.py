"""The body of /v1/embeddings, in OpenAI's shape; strict as those of the policy service."""

from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field

from ssp_policy.http.neutral_fields import Request

MOST_TEXTS = 2048
"""Of one request, as OpenAI has it."""


class EmbeddingsRequest(Request):
    """POST /v1/embeddings. Lists of token ids are not taken: the client's tokenizer may differ."""

    model: str
    input: str | Annotated[list[str], Field(min_length=1, max_length=MOST_TEXTS, fail_fast=True)]
    """One text or several, with the prefix that the model wants, which is not added here."""
    encoding_format: Literal["float", "base64"] = "float"
    """base64: of little-endian 32-bit floats."""
    dimensions: Annotated[int, Ge(1)] | None = None
    """The model's own number, or nothing: vectors are not shortened."""
    user: str | None = None
    """Not used."""

    @property
    def texts(self) -> list[str]:
        """The texts, one or more."""
        return [self.input] if isinstance(self.input, str) else self.input
