"""The one error class that clients see; its texts stand in the project's error catalogue."""

import json
import re
from pathlib import Path
from typing import TypedDict

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


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

    `param` names the field of the request that is at fault, where there is one. An unknown code
    raises KeyError: that is a defect, and a test looks for it.
    """

    def __init__(self, code: str, *, param: str | None = None, **details: object) -> None:
        row = CATALOGUE[code]
        self.code = code
        self.param = param
        self.details = details
        self.message = _fill(row["message"], details)
        self.remedy = _fill(row["remedy"], details)
        self.status = row["status"]
        self.exit_code = row["exitCode"]
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, object]:
        """Give the body of the HTTP reply, in the shape of all services of the project."""
        return self._texts() | {"details": self._plain_details() | self._param()}

    def openai_body(self) -> dict[str, object]:
        """Give the body of the HTTP reply in the shape that OpenAI's clients read."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        fields = {"type": kind, "details": self._plain_details()}
        return {"error": self._texts() | fields | self._param()}

    def _texts(self) -> dict[str, object]:
        return {"code": self.code, "message": self.message, "remedy": self.remedy}

    def _plain_details(self) -> dict[str, object]:
        return {name: _plain(value) for name, value in self.details.items()}

    def _param(self) -> dict[str, object]:
        return {} if self.param is None else {"param": self.param}


def as_policy_error(error: BaseException) -> PolicyError:
    """Give the error itself where it is coded, else SSP_POLICY_INTERNAL about it."""
    if isinstance(error, PolicyError):
        return error
    coded = PolicyError("SSP_POLICY_INTERNAL", problem=f"{type(error).__name__}: {error}")
    coded.__cause__ = error
    return coded


def _fill(template: str, details: dict[str, object]) -> str:
    return _PLACEHOLDER.sub(lambda match: str(details.get(match[1], match[0])), template)


def _plain(value: object) -> object:
    return value if isinstance(value, int | str) else str(value)
