"""What may be a target: nothing inside, nothing in disguise."""

import ipaddress

import pytest

from helpdesk.webcalls.addresses import is_public, normalise

INSIDE = (
    "127.1", "0x7f.1", "2130706433", "0", "127.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fec0::1]", "[fe80::1]",
    "[fd00::1]", "[2606:4700::5efe:7f00:1]", "169.254.169.254", "100.100.100.200", "10.0.0.1", "172.16.0.1",
    "192.168.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "①②⑦.0.0.1",
    "１２７.0.0.1", "localhost", "LOCALHOST.", "metadata", "0177.0.0.1", "127。0。0。1", "[ff02::1]", "[2001:db8::1]",
    "[100::1]", "0x7f000001",
)  # fmt: skip
NONE = (
    "https://user:x@hooks.example.com/", "https://hooks.example.com@127.0.0.1/", "http://hooks.example.com/",
    "//hooks.example.com/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/",
    "https://hooks.example.com\\@127.0.0.1/", "https://a..b/", "https://hooks.example.com/\r\nx-evil: 1",
    "https://-a.example/", "https://[::1%25lo]/", "file:///etc/passwd", "gopher://x.example/",
    "https://%31%32%37.0.0.1/", "https://a.example/" + "x" * 2_000, "javascript:alert(1)",
    "https://хост\u202e.example/",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_inside_is_a_target(host: str) -> None:
    """Loopback, private, link-local, shared and reserved networks, in whatever form they are written."""
    with pytest.raises(ValueError):  # noqa: PT011 - one of three texts
        normalise(f"https://{host}/")
    with pytest.raises(ValueError):  # noqa: PT011
        normalise(f"https://{host}:8443/x?y")


@pytest.mark.parametrize("target", NONE)
def test_what_is_no_address_is_no_target(target: str) -> None:
    """No user, no other scheme, no blank, no port that is none; refused in few words that quote nothing."""
    with pytest.raises(ValueError) as problem:  # noqa: PT011
        normalise(target)
    assert len(str(problem.value)) < 80


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/"),
        ("https://HOOKS.example.com.:443/A", "https://hooks.example.com/A"),
        ("https://[2606:4700:0:0::6810:1]/", "https://[2606:4700::6810:1]/"),
        ("https://1.1.1.1:8443/?a=b%20c", "https://1.1.1.1:8443/?a=b%20c"),
    ],
)
def test_one_target_has_one_form(written: str, canonical: str) -> None:
    """So that it is subscribed once."""
    assert normalise(written) == canonical


def test_this_machine_is_a_target_only_where_that_is_set() -> None:
    """For development: by its plain names, by http too; nothing else inside."""
    for target in ("http://127.0.0.1:8080/", "http://localhost/", "https://[::1]/"):
        assert normalise(target, allow_loopback=True) == target
        with pytest.raises(ValueError):  # noqa: PT011
            normalise(target)
    for target in ("http://10.0.0.1/", "http://hooks.example.com/", "https://169.254.169.254/"):
        with pytest.raises(ValueError):  # noqa: PT011
            normalise(target, allow_loopback=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("1.1.1.1", True), ("2606:4700::6810:1", True), ("64:ff9b::101:101", True), ("64:ff9b::a00:1", False),
        ("::ffff:1.1.1.1", False), ("2002:101:101::", False), ("::1.1.1.1", False), ("4000::1", False),
        ("fec0::1", False),         ("100.64.0.1", False), ("192.88.99.1", True), ("198.51.100.7", False),
    ],
)  # fmt: skip
def test_public_is_what_anybody_can_reach(address: str, public: bool) -> None:
    """An IPv4 address inside an IPv6 one is public if it is by itself, and only where a gateway translates it."""
    assert is_public(ipaddress.ip_address(address)) is public
