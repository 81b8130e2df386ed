"""Addresses of e-mail: one, complete, and nothing that could become a header or a second one."""

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.channels.addresses import email_address
from api.errors import AddressUnusable

SEVERAL = "is no single e-mail address"
PLAIN = "plain letters"
DOMAIN = "no complete domain"
NAME = "part before the @"


@pytest.mark.parametrize(
    "address", ["may@clinic.example", "m.ay+x'{y}@a-b.c0.example", "x@xn--mnchen-3ya.example", "M@A.EXAMPLE"]
)
def test_a_single_complete_address_is_taken_as_it_is(address: str) -> None:
    assert email_address(address) == address


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("may@clinic.example\r\nBcc: x@evil.example", SEVERAL),
        ("may@clinic.example\n", SEVERAL),
        ("may@clinic.example\x00", SEVERAL),
        ("may@clinic\u2028.example", SEVERAL),
        ("may@clinic.example\u202e", SEVERAL),
        ("a@x.example,b@y.example", SEVERAL),
        ("a@x.example b@y.example", SEVERAL),
        ("a@x.example;b@y.example", SEVERAL),
        ("May <may@clinic.example>", SEVERAL),
        ('"may ann"@clinic.example', SEVERAL),
        ("may@[127.0.0.1]", SEVERAL),
        ("group:may@clinic.example;", SEVERAL),
        ("may@münchen.example", PLAIN),
        ("mäy@clinic.example", PLAIN),
        ("", DOMAIN),
        ("may", DOMAIN),
        ("may@", DOMAIN),
        ("may@clinic", DOMAIN),
        ("may@clinic..example", DOMAIN),
        ("may@.example", DOMAIN),
        ("may@-clinic.example", DOMAIN),
        ("may@clinic.example.", DOMAIN),
        (f"may@{'d' * 64}.example", DOMAIN),
        ("@clinic.example", NAME),
        ("a@b@clinic.example", NAME),
        (".may@clinic.example", NAME),
        ("ma..y@clinic.example", NAME),
        (f"{'m' * 65}@clinic.example", NAME),
        (f"m@{'.'.join(['d' * 60] * 5)}.example", NAME),
    ],
)
def test_anything_else_is_refused_and_not_repeated(address: str, says: str) -> None:
    with pytest.raises(AddressUnusable, match=says) as raised:
        email_address(address)

    assert raised.value.code == "address-unusable"
    assert "clinic.example" not in str(raised.value)


@given(st.text(max_size=80) | st.from_regex(r"[a-z.\"<>, @\r\n]{1,20}@[a-z.\-]{1,20}", fullmatch=True))
def test_what_is_taken_is_one_address_to_the_library_and_on_the_wire(text: str) -> None:
    try:
        address = email_address(text)
    except AddressUnusable:
        return
    message = EmailMessage(policy.SMTP)
    message["To"] = Address(addr_spec=address)
    (found,) = message["To"].addresses
    assert found.addr_spec == text
    assert message.as_bytes() == b"To: " + text.encode() + b"\r\n\r\n"
