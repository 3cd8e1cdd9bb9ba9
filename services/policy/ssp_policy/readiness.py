"""How far the service is: loading, ready, stopping or failed."""

from typing import Literal

from ssp_policy.errors import PolicyError

State = Literal["loading", "ready", "stopping", "failed"]


class Readiness:
    """Read from any thread; written by the one that knows."""

    def __init__(self) -> None:
        self.state: State = "loading"
        self.progress = 0.0
        """Share of loading that is done, 0 to 1."""
        self.what = "starting"
        """What is being done."""

    def loading(self, progress: float, what: str) -> None:
        """Note how far loading is."""
        self.progress = progress
        self.what = what

    def to(self, state: State) -> None:
        """Go to another state; a stopping service stays that."""
        if self.state != "stopping":
            self.state = state

    def check_takes_requests(self) -> None:
        """Raise SSP_POLICY_STOPPING or SSP_POLICY_NOT_READY unless ready."""
        if self.state == "stopping":
            raise PolicyError("SSP_POLICY_STOPPING")
        if self.state != "ready":
            share = f"{self.what}, {self.progress:.0%}"
            state = f"loading ({share})" if self.state == "loading" else self.state
            raise PolicyError("SSP_POLICY_NOT_READY", state=state)

    def body(self) -> dict[str, object]:
        """Give the state as /health and /ready tell it."""
        body: dict[str, object] = {"ready": self.state == "ready", "state": self.state}
        if self.state == "loading":
            body |= {"progress": round(self.progress, 4), "what": self.what}
        return body
