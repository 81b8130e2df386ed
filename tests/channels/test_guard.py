"""Where webhooks may lead: nowhere that is not open to everybody, unless the operator opened it."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.channels.configured import Network
from api.channels.guard import check_url, destination, looked_up
from api.errors import WebhookAddressUnusable

PUBLIC, PUBLIC_6 = "93.184.216.34", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
HOME: tuple[Network, ...] = (ip_network("10.20.0.0/16"), ip_network("fd00:1::/64"))
OWN = "leads into a network of its own"
NO_URL = "is no address of a webhook"


class Names:
    """Looks up any host as the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked = addresses, list[str]()

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example",
        "https://hooks.example:8443/path?token=x",
        "HTTPS://Hooks.Example/",
        f"https://{PUBLIC}/",
        f"https://[{PUBLIC_6}]/",
    ],
)
def test_a_webhook_may_lead_to_what_everybody_can_reach(url: str) -> None:
    names = Names(PUBLIC, PUBLIC_6)

    check_url(url, resolve=names)
    assert destination(url, resolve=names).addresses == (PUBLIC, PUBLIC_6)
    assert len(names.asked) == 2


def test_a_host_is_looked_up_as_it_is_connected_to() -> None:
    names = Names(PUBLIC)
    there = destination("https://münchen.example:8443/x", resolve=names)

    assert names.asked == ["xn--mnchen-3ya.example"]
    assert str(there.url.copy_with(host=PUBLIC)) == f"https://{PUBLIC}:8443/x"


FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "233.252.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    f"::ffff:{PUBLIC}",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_webhook_leads_inside(address: str) -> None:
    for addresses in ((address,), (PUBLIC, address), (address, PUBLIC)):
        with pytest.raises(WebhookAddressUnusable, match=OWN) as raised:
            check_url("https://hooks.example", resolve=Names(*addresses))
        assert raised.value.code == "webhook-address"
        assert address not in str(raised.value)


@given(st.ip_addresses())
def test_what_is_let_through_is_one_machine_out_in_the_world(address: IPv4Address | IPv6Address) -> None:
    try:
        check_url("https://hooks.example", resolve=Names(str(address)))
    except WebhookAddressUnusable:
        return
    assert address.is_global
    assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))
    assert not any((address.is_reserved, address.is_unspecified))
    if isinstance(address, IPv6Address):
        assert not any((address.ipv4_mapped, address.sixtofour, address.teredo, address.is_site_local))


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "0", "[::]"],
)
def test_this_machine_is_found_under_each_of_its_names(host: str) -> None:
    with pytest.raises(WebhookAddressUnusable, match=OWN):
        check_url(f"https://{host}/")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_operator_may_open_networks(scheme: str) -> None:
    for address in ("10.20.3.4", "fd00:1::5"):
        check_url(f"{scheme}://lab.example:8080", HOME, Names(address))
    for addresses in (("10.21.0.1",), ("10.20.0.1", "10.21.0.1"), ("fd00:2::1",), ("::ffff:10.20.0.1",)):
        with pytest.raises(WebhookAddressUnusable):
            check_url(f"{scheme}://lab.example:8080", HOME, Names(*addresses))
    check_url("https://lab.example", HOME, Names("10.20.0.1", PUBLIC))


def test_what_is_sent_out_is_encrypted() -> None:
    for addresses in ((PUBLIC,), ("10.20.0.1", PUBLIC)):
        with pytest.raises(WebhookAddressUnusable, match="begins with https://"):
            check_url("http://hooks.example", HOME, Names(*addresses))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", NO_URL),
        ("hooks.example", NO_URL),
        ("//hooks.example", NO_URL),
        ("https:hooks.example", NO_URL),
        ("https:///path", NO_URL),
        ("ftp://hooks.example", NO_URL),
        ("file:///etc/passwd", NO_URL),
        ("https://me:hidden@hooks.example", NO_URL),
        ("https://hidden@hooks.example", NO_URL),
        ("https://hooks.example\\@127.0.0.1/", NO_URL),
        ("https://hooks.example/#hidden", NO_URL),
        ("https://hooks.example#", NO_URL),
        ("https://hooks.example/\r\nX-Hidden: 1", NO_URL),
        ("https://hooks.example/\x00", NO_URL),
        ("https://hooks .example/", NO_URL),
        ("https://hooks.example/ hidden", NO_URL),
        ("https://[::1/", NO_URL),
        ("https://hooks.example:port/", NO_URL),
        ("https://0177.0.0.1/", NO_URL),
        ("https://\uff11\uff12\uff17.0.0.1/", NO_URL),
        (f"https://hooks.example/{'x' * 2000}", NO_URL),
        ("https://hooks.example:0/", "port that does not exist"),
        ("https://hooks.example:65536/", "port that does not exist"),
    ],
)
def test_what_is_no_address_is_refused_and_its_secrets_are_not_repeated(url: str, says: str) -> None:
    with pytest.raises(WebhookAddressUnusable, match=says) as raised:
        check_url(url, resolve=Names(PUBLIC))

    assert "idden" not in str(raised.value)


@pytest.mark.parametrize("host", ["a..b.example", f"{'x' * 64}.example"])
def test_a_host_that_is_not_found_is_told(host: str) -> None:
    with pytest.raises(OSError, match=r"."):
        looked_up(host)
    with pytest.raises(WebhookAddressUnusable, match="cannot be found"):
        check_url(f"https://{host}/")


def test_a_host_without_addresses_is_not_found() -> None:
    with pytest.raises(socket.gaierror):
        destination("https://hooks.example", resolve=Names())
