"""How far the service is: loading, ready, stopping or failed."""

from dataclasses import dataclass
from typing import Literal

from ssp_policy.errors import PolicyError

State = Literal["loading", "ready", "stopping", "failed"]


@dataclass
class LoadStage:
    """One stage of loading."""

    name: str
    percent: int = 0
    """How far this stage has brought the whole of loading."""
    ended: bool = False

    def body(self) -> dict[str, object]:
        """Give the stage as /readyz tells it, in the keys of the search service."""
        return {
            "name": self.name,
            "unit": "percent",
            "done": self.percent,
            "total": 100,
            "ended": self.ended,
        }


class Readiness:
    """Read from any thread; written by the one that knows."""

    def __init__(self) -> None:
        self.state: State = "loading"
        self.progress = 0.0
        """Share of loading that is done, 0 to 1."""
        self.stages = [LoadStage("starting")]
        """At least one; the last is being done until the service is ready."""
        self.failure: PolicyError | None = None
        """Why loading failed."""

    def loading(self, progress: float, what: str) -> None:
        """Note how far loading is, and what is being done."""
        self.progress = progress
        last, percent = self.stages[-1], round(100 * progress)
        last.percent = percent
        if what != last.name:
            last.ended = True
            self.stages.append(LoadStage(what, percent))

    def ready(self) -> None:
        """Go from loading to ready."""
        if self.state == "loading":
            self.stages[-1].ended = True
            self.state = "ready"

    def fail(self, failure: PolicyError) -> None:
        """Note that the model cannot be loaded, and why."""
        if self.state == "loading":
            self.failure = failure
            self.state = "failed"

    def stop(self) -> None:
        """Take no more requests, for good."""
        self.state = "stopping"

    def check_takes_requests(self) -> None:
        """Raise SSP_POLICY_STOPPING or SSP_POLICY_NOT_READY unless ready."""
        if self.state == "stopping":
            raise PolicyError("SSP_POLICY_STOPPING")
        if self.state != "ready":
            raise PolicyError("SSP_POLICY_NOT_READY", state=self.describe())

    def describe(self) -> str:
        """Give the state in words: `loading (loading weights, 42%)`."""
        if self.state != "loading":
            return self.state
        return f"loading ({self.stages[-1].name}, {self.progress:.0%})"

    def body(self) -> dict[str, object]:
        """Give the state as /readyz tells it."""
        body: dict[str, object] = {
            "status": self.state,
            "detail": self.describe(),
            "stages": [stage.body() for stage in self.stages],
        }
        if self.failure is not None:
            body["error"] = {"code": self.failure.code, "message": self.failure.message}
        return body | self.short_body()

    def short_body(self) -> dict[str, object]:
        """Give whether it is ready, in the keys that /health has had in every version."""
        body: dict[str, object] = {"ready": self.state == "ready", "state": self.state}
        if self.state == "loading":
            body |= {"progress": round(self.progress, 4), "what": self.stages[-1].name}
        return body
