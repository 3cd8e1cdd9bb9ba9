"""Who may use the service: on other addresses than this machine's own, whoever has the token."""

import hmac
import ipaddress
import os
import re
from collections.abc import Mapping

from ssp_policy.errors import PolicyError

_LEAST_TOKEN_LENGTH = 16
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


def service_token(host: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Give the token that requests must carry: SSP_POLICY_TOKEN, else SSP_TOKEN, else none.

    Raises SSP_POLICY_TOKEN_REQUIRED without one where other machines reach `host`, and
    SSP_POLICY_TOKEN_INVALID.
    """
    for name in ("SSP_POLICY_TOKEN", "SSP_TOKEN"):
        if name in environment:
            return checked_token(environment[name], name)
    if not is_loopback(host):
        raise PolicyError("SSP_POLICY_TOKEN_REQUIRED", host=host)
    return None


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


def check_access(header: str | None, token: str | None) -> None:
    """Raise SSP_POLICY_UNAUTHORIZED unless the Authorization header carries the token, if any."""
    if token is None:
        return
    match = _BEARER.fullmatch(header or "")
    given = match[1] if match else ""
    if not hmac.compare_digest(given.encode(errors="surrogateescape"), token.encode()):
        raise PolicyError("SSP_POLICY_UNAUTHORIZED")


def checked_token(given: str, source: str) -> str:
    """Give the token without spaces around it; raises SSP_POLICY_TOKEN_INVALID naming `source`."""
    token = given.strip()
    problem = None
    if len(token) < _LEAST_TOKEN_LENGTH:
        problem = f"it has {len(token)} characters"
    elif not all("!" <= letter <= "~" for letter in token):
        problem = "it holds other characters"
    if problem is not None:
        raise PolicyError("SSP_POLICY_TOKEN_INVALID", source=source, problem=problem)
    return token
