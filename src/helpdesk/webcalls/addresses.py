"""What a plugin may call for somebody: https, a name or an address on the public network, nothing in disguise."""

import ipaddress
import re
import socket
from urllib.parse import quote, urlsplit, urlunsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LONGEST = 2_000
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# IPv4 in disguise, by which a gateway on the way might be made to reach the inside.
_DISGUISES = tuple(map(ipaddress.IPv6Network, ("2002::/16", "2001::/32")))
_ISATAP = (0x00005EFE, 0x02005EFE)
_KEPT = "/%:@!$&'()*+,;=~-._?"
_PORTS = {"https": 443, "http": 80}


def normalise(target: str, *, allow_loopback: bool = False) -> str:
    """Return the target's canonical form: scheme and host in lower case and ASCII, no default port, no fragment.

    Raises:
        ValueError: it is none; says why.
    """
    text = target.strip()
    if not text or len(text) > _LONGEST or _UNFIT.search(text):
        raise ValueError("must be an address of at most 2000 characters, without blanks")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no user or password")
    name = _host(host)
    inside = allow_loopback and is_loopback(name)
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise ValueError("must begin with https://")
    if not inside:
        _demand_outside(name)
    if port == 0:
        raise ValueError("names port 0")
    shown = f"[{name}]" if ":" in name else name
    place = shown if port in {None, _PORTS[parts.scheme]} else f"{shown}:{port}"
    path, query = quote(parts.path or "/", safe=_KEPT), quote(parts.query, safe=_KEPT)
    return urlunsplit((parts.scheme, place, path, query, ""))


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its plain name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: Address) -> bool:
    """Say whether an address is somebody's on the public network, and no other address in disguise."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.ipv4_mapped is not None or address not in _UNICAST or any(address in each for each in _DISGUISES):
        return False
    return address.is_global and (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP


def _host(host: str) -> str:
    """Return a host in lower case and ASCII.

    Raises:
        ValueError: it is none.
    """
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise ValueError("names no host") from None
    try:
        name = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        raise ValueError("names no host") from None
    if not name or len(name) > 253 or not all(map(_LABEL.fullmatch, name.split("."))):
        raise ValueError("names no host")
    return name


def _demand_outside(name: str) -> None:
    """Refuse what is seen to be inside without asking anybody.

    Raises:
        ValueError: it is; or it is an address in one of the forms that only old programs read.
    """
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        try:
            socket.inet_aton(name)  # 127.1, 0x7f.1, 2130706433 and the like
        except OSError:
            pass
        else:
            raise ValueError("names an address in a disguise") from None
        if "." not in name:
            raise ValueError("names no host on the public network") from None
        return
    if not is_public(address):
        raise ValueError("names no address on the public network")
