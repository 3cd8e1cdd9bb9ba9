"""The one error class that clients see; its texts stand in the project's error catalogue."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NAME_LENGTH = 60
_DETAIL_LENGTH = 2000
_LARGEST_INT = 2**63


class CatalogueRow(TypedDict):
    """One code: texts with `{name}` placeholders, the HTTP status, the exit code."""

    message: str
    remedy: str
    status: int
    exitCode: int


CATALOGUE: dict[str, CatalogueRow] = json.loads(
    Path(__file__).with_name("error_catalogue.json").read_text(encoding="utf-8")
)


class PolicyError(Exception):
    """An error with a code of the catalogue; the keyword arguments fill its texts.

    `param` names the field of the request that is at fault, where there is one. Whatever a value
    was made of, it is cut at a length that stays readable. An unknown code raises KeyError: that is
    a defect, and a test looks for it.
    """

    def __init__(self, code: str, *, param: str | None = None, **details: object) -> None:
        row = CATALOGUE[code]
        self.code = code
        self.param = param
        self.details = {name: _bounded(value) for name, value in details.items()}
        self.message = _fill(row["message"], self.details)
        self.remedy = _fill(row["remedy"], self.details)
        self.status = row["status"]
        self.exit_code = row["exitCode"]
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, object]:
        """Give the body of the HTTP reply, in the shape of all services of the project."""
        return self._texts() | {"details": self.details | self._param()}

    def openai_body(self) -> dict[str, object]:
        """Give the body of the HTTP reply in the shape that OpenAI's clients read."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        fields = {"type": kind, "details": self.details}
        return {"error": self._texts() | fields | self._param()}

    def _texts(self) -> dict[str, object]:
        return {"code": self.code, "message": self.message, "remedy": self.remedy}

    def _param(self) -> dict[str, object]:
        return {} if self.param is None else {"param": self.param}


def as_policy_error(error: BaseException) -> PolicyError:
    """Give the error itself where it is coded, else SSP_POLICY_INTERNAL about it."""
    if isinstance(error, PolicyError):
        return error
    coded = PolicyError("SSP_POLICY_INTERNAL", problem=f"{type(error).__name__}: {error}")
    coded.__cause__ = error
    return coded


def shown(text: str, most: int = _NAME_LENGTH) -> str:
    """Give the beginning of a text from outside, as an error shows it.

    At most `most` characters (60, the length of a name), the last of them `…` where something was
    left out.
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _fill(template: str, details: Mapping[str, object]) -> str:
    return _PLACEHOLDER.sub(lambda match: str(details.get(match[1], match[0])), template)


def _bounded(value: object) -> int | str:
    if isinstance(value, int) and abs(value) < _LARGEST_INT:
        return value
    return shown(str(value), _NAME_LENGTH if isinstance(value, int) else _DETAIL_LENGTH)
