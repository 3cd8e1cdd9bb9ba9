"""Which requests a web page may have brought about: their Host and Origin are looked at first.

A browser sends requests for any page that its user opens, also to names that the page's owner has
pointed at this machine (DNS rebinding). services/search/web-access.ts has the same rules.
"""

import ipaddress
import re
import socket
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import HttpVersion10, web

from ssp_policy.errors import PolicyError, shown
from ssp_policy.http.access import is_loopback

_HOST = re.compile(r"(\[[\w.:]+\]|[\w.-]+)(?::\d*)?", re.ASCII)
_OLD_IPV4 = re.compile(r"[0-9a-fx.]+")
_PORTS = {"http": 80, "https": 443}
_EXPOSED = "Retry-After"
_METHODS = "GET, HEAD, POST, DELETE"
_PREFLIGHT_SECONDS = "600"


class ServedNames(Protocol):
    """The settings of a service that say who may ask it."""

    @property
    def host(self) -> str:
        """Give the address it listens on."""
        ...

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Give further names under which it may be asked."""
        ...

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Give the web pages that may use it."""
        ...


class WebAccess:
    """The names under which one service may be asked, and the pages that may use it."""

    def __init__(self, settings: ServedNames) -> None:
        self._takes_host = _host_rule(settings)
        self._origins = {origin.lower() for origin in settings.allowed_origins}

    def check(self, request: web.Request) -> web.StreamResponse | None:
        """Give the reply to what a browser asks before an allowed page's own request, else None.

        Raises SSP_POLICY_HOST_REFUSED, SSP_POLICY_ORIGIN_REFUSED and SSP_POLICY_HTTP_MALFORMED.
        """
        host = self._check_host(request)
        origins = request.headers.getall("Origin", [])
        if not origins:
            return None
        if self._allows(request):
            return _preflight(request)
        if len(origins) > 1 or not _is_own(origins[0], host):
            raise PolicyError("SSP_POLICY_ORIGIN_REFUSED", origin=shown(", ".join(origins)))
        return None

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let an allowed page read the reply."""
        if self._origins:
            response.headers["Vary"] = "Origin"
        if self._allows(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED

    def _check_host(self, request: web.Request) -> str | None:
        """Give the Host; browsers and HTTP/1.1 always send one, HTTP/1.0 may have none."""
        hosts = request.headers.getall("Host", [])
        if not hosts and request.version == HttpVersion10:
            return None
        if len(hosts) != 1:
            problem = f"it has {len(hosts)} Host headers, not one"
            raise PolicyError("SSP_POLICY_HTTP_MALFORMED", problem=problem)
        name = host_name(hosts[0])
        if name is None or not self._takes_host(name):
            raise PolicyError("SSP_POLICY_HOST_REFUSED", host=shown(hosts[0]))
        return hosts[0]

    def _allows(self, request: web.Request) -> bool:
        return request.headers.get("Origin", "").lower() in self._origins


def host_name(header: str) -> str | None:
    """Give the name or address of a Host header in its plain form; None for what is no host.

    That is in lower case, without port, brackets and final dot.
    """
    match = _HOST.fullmatch(header)
    if match is None:
        return None
    name = match[1].lower().strip("[]").removesuffix(".")
    address = _address(name)
    return name if address is None else str(address)


def _host_rule(settings: ServedNames) -> Callable[[str], bool]:
    """Tell which names a request may ask for.

    On a loopback address: its own, and `allowed_hosts`. Elsewhere any, as a token is needed, which
    a page lacks; where `allowed_hosts` names some, these and addresses, which cannot be pointed
    elsewhere.
    """
    given = [settings.host, *settings.allowed_hosts]
    own = {host_name(f"[{each}]" if each.count(":") > 1 else each) for each in given}

    def is_own(name: str) -> bool:
        return is_loopback(name) or name in own

    if is_loopback(settings.host):
        return is_own
    if settings.allowed_hosts:
        return lambda name: is_own(name) or _address(name) is not None
    return lambda _name: True


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address, also one as 127.1 or 0x7f.1, which some clients send as it was typed."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(name)) if _OLD_IPV4.fullmatch(name) else None
    except OSError:
        return None


def _is_own(origin: str, host: str | None) -> bool:
    """Tell whether this service could have given the page: it is of the same name and port."""
    page = _place(origin)
    return page is not None and host is not None and page == _place(f"{page[0]}://{host}")


def _place(origin: str) -> tuple[str, str | None, int] | None:
    try:
        parts = urlsplit(origin.lower())
        if parts.scheme not in _PORTS:
            return None
        return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]
    except ValueError:
        return None


def _preflight(request: web.Request) -> web.StreamResponse | None:
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    wanted = request.headers.get("Access-Control-Request-Headers", "")
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": wanted,
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )
