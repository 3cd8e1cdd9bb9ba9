"""What the routes see of the service."""

import asyncio
from dataclasses import dataclass, field

from ssp_policy.http.handlers import Handlers
from ssp_policy.http.metrics import Metrics
from ssp_policy.readiness import Readiness


@dataclass
class AppState:
    """One service, from its open port to its end."""

    readiness: Readiness
    metrics: Metrics
    token: str | None
    handlers: Handlers | None = None
    """There once the model is loaded."""
    in_flight: int = 0
    """Requests that are being answered, those about the service itself left out."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is in flight."""

    def loaded(self) -> Handlers:
        """Give the handlers; raises SSP_POLICY_STOPPING or SSP_POLICY_NOT_READY."""
        self.readiness.check_takes_requests()
        assert self.handlers is not None
        return self.handlers
