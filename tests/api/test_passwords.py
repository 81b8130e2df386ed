"""Passwords: the right one fits, and whether there is one at all cannot be told by how long it takes."""

from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from api.passwords import NOBODY, Argon2Passwords


def test_the_right_password_fits_and_no_other() -> None:
    passwords = Argon2Passwords()
    kept = passwords.hashed("correct horse battery staple")

    assert passwords.fits("correct horse battery staple", kept)
    assert not passwords.fits("correct horse battery stapl", kept)
    assert kept != passwords.hashed("correct horse battery staple")


def test_nobody_fits_where_nothing_or_nonsense_is_kept() -> None:
    passwords = Argon2Passwords()
    assert not passwords.fits("nobody has this password", None)
    assert not passwords.fits("", "nonsense")


def test_checking_against_nobody_takes_the_same_work() -> None:
    assert not PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).check_needs_rehash(NOBODY)
