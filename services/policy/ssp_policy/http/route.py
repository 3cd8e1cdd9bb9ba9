"""One operation of the service: what is registered and what the OpenAPI document says of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True)
class Route:
    """A method of a path; a GET answers HEAD too."""

    method: Method
    path: str
    """As OpenAPI writes it: `/v1/training/snapshots/{name}`."""
    summary: str
    answer: Handler
    """Gives the reply; raises PolicyError where there is none."""
    body: type[BaseModel] | None = None
    """Of the request's JSON body; None where none is read."""
    reply: Any = None
    """The type of the JSON reply; None for plain text."""
    other_statuses: Mapping[int, str] = field(default_factory=dict[int, str])
    """Statuses beside 200 that carry the same reply, with what they mean."""
    can_stream: bool = False
    """Tells whether the reply can be server-sent events instead."""
    is_openai: bool = False
    """Tells whether its errors have the body that OpenAI's clients read."""
    is_open: bool = False
    """Tells whether it answers without the token."""
    alias_of: str | None = None
    """The path under which the same operation is documented, where this is another one."""
