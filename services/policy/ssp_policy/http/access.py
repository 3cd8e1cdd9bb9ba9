"""Who may use the service: on other addresses than this machine's own, whoever has the token."""

import hmac
import ipaddress
import re

from ssp_policy.errors import PolicyError

_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


def check_token_for(host: str, token: str | None) -> None:
    """Raise SSP_POLICY_TOKEN_REQUIRED where other machines reach `host` and there is no token."""
    if token is None and not is_loopback(host):
        raise PolicyError("SSP_POLICY_TOKEN_REQUIRED", host=host)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_access(header: str | None, token: str | None) -> None:
    """Raise SSP_POLICY_UNAUTHORIZED unless the Authorization header carries the token, if any."""
    if token is None:
        return
    match = _BEARER.fullmatch(header or "")
    given = match[1] if match else ""
    if not hmac.compare_digest(given.encode(errors="surrogateescape"), token.encode()):
        raise PolicyError("SSP_POLICY_UNAUTHORIZED")
