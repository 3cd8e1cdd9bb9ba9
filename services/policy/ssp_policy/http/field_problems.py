"""What is wrong with a field of a request, in a sentence that says what is taken instead."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from ssp_policy.errors import shown
from ssp_policy.http.neutral_fields import NeutralOnly

Issue = Mapping[str, Any]
"""One row of pydantic's list of errors."""
_PLACE_LENGTH = 200
_PROBLEM_LENGTH = 300
_LONGEST_SLIP = 60
"""A longer name is no slip of a field's, and comparing it takes time by its length."""
_MEMBERS_OF_UNIONS = {"str", "int", "float", "bool", "none"}


def chosen_issue(issues: Sequence[Issue]) -> Issue:
    """Give the one to tell: an unknown field, else the one that lies deepest.

    Where a word says that an object is of another kind, as a part of a message that is an image,
    that word is told and not the fields of such objects.
    A value that may be one of several types has an issue for each. Of two at one depth the one
    about its content is told, as the type is right there: 17 stops are too many, not "no string".
    """
    unlike = {issue["loc"][:-1] for issue in issues if issue["type"] == "literal_error"}
    unknown = (issue for issue in issues if issue["type"] == "extra_forbidden")
    return next((each for each in unknown if each["loc"][:-1] not in unlike), None) or max(
        issues, key=_weight
    )


def _weight(issue: Issue) -> tuple[int, bool, bool]:
    kind = issue["type"]
    return len(issue["loc"]), kind != "extra_forbidden", not kind.endswith("_type")


def described(issue: Issue, schema: type[BaseModel]) -> tuple[str, str | None]:
    """Give a sentence that says the limit or the neutral value, and the field at fault."""
    location = issue["loc"]
    field, mark = _neutral(location, schema)
    if mark is not None:
        other = "" if mark.said is None else f" other than {mark.said}"
        return f"{field}{other} is not supported here; leave it out.", field
    where = _place(location)
    return _problem(issue, where, schema), where or issue.get("ctx", {}).get("param")


def conflict(param: str, problem: str) -> PydanticCustomError:
    """Give what a schema raises about fields that do not go together; `param` is at fault."""
    return PydanticCustomError("conflict", "{problem}", {"problem": problem, "param": param})


def _problem(issue: Issue, where: str, schema: type[BaseModel]) -> str:
    kind = issue["type"]
    if kind == "extra_forbidden":
        near = nearest(where.split(".")[-1], _field_names(schema))
        return f"unknown field {where}{f' (did you mean {near}?)' if near else ''}."
    if kind in _SENTENCES:
        return f"{where} {_SENTENCES[kind](issue.get('ctx', {}))}."
    text = shown(issue["msg"], _PROBLEM_LENGTH).removeprefix("Input ")
    hint = " (a prompt is a text, a list of token ids, or a list of these)"
    return f"{f'{where} ' if where else ''}{text}{hint if where.startswith('prompt') else ''}."


def _place(location: Sequence[int | str]) -> str:
    """`sequences[3].tokens`; what pydantic adds for the members of a union is left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier() and part not in _MEMBERS_OF_UNIONS:
            path += f".{shown(part)}" if path else shown(part)
    return shown(path, _PLACE_LENGTH)


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Give the known name that is closest to one that may be a slip of it, if any is close."""
    if len(name) > _LONGEST_SLIP:
        return None
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def _counted(context: Issue, bound: str, limit: int) -> str:
    actual = context.get("actual_length")
    found = f"has {actual} entries" if actual is not None else "has too many entries"
    return f"{found}; the limit is {bound} {limit}"


def _short(context: Issue) -> str:
    least = context["min_length"]
    return "is empty" if least == 1 else f"has fewer than {least} characters"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


_SENTENCES: Mapping[str, Callable[[Issue], str]] = {
    "too_long": lambda c: _counted(c, "at most", c["max_length"]),
    "too_short": lambda c: _counted(c, "at least", c["min_length"]),
    "string_too_long": lambda c: f"has more than {c['max_length']} characters, which is the limit",
    "string_too_short": _short,
    "less_than_equal": lambda c: f"is above the limit, which is {_number(c['le'])}",
    "greater_than_equal": lambda c: f"is below the limit, which is {_number(c['ge'])}",
    "less_than": lambda c: f"must be less than {_number(c['lt'])}",
    "greater_than": lambda c: f"must be more than {_number(c['gt'])}",
    "literal_error": lambda c: f"must be {_json_words(c['expected'])}; others are not supported",
}


def _json_words(expected: str) -> str:
    return expected.replace("True", "true").replace("False", "false")


def _neutral(
    location: Sequence[int | str], schema: type[BaseModel]
) -> tuple[str, NeutralOnly | None]:
    """Give the field at a place, and its mark where only one value of it is taken."""
    name = str(location[0]) if location else ""
    field = schema.model_fields.get(name)
    marks = field.metadata if field is not None else []
    return name, next((mark for mark in marks if isinstance(mark, NeutralOnly)), None)


def _field_names(schema: type[BaseModel]) -> list[str]:
    """Every field of the body and of the objects in it."""
    described = schema.model_json_schema()
    objects = [described, *described.get("$defs", {}).values()]
    return [name for each in objects for name in each.get("properties", {})]
