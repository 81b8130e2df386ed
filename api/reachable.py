"""By what somebody can be reached from this installation."""

from api.channels.carriers import check_address
from api.channels.configured import Outside
from engine.core.channels import EMAIL


class Reachable:
    """Knows the kinds of channels there are, and which addresses can be used; the engine's `Addresses`."""

    def __init__(self, outside: Outside | None = None) -> None:
        """Take what the settings name; if None, they name nothing."""
        self._outside = outside or Outside()

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of channels a person or patient can have."""
        mail = () if self._outside.mail is None else (EMAIL,)
        return (*mail, *self._outside.gateways)

    def checked(self, kind: str, address: str) -> str:
        """Return an address as it is to be kept, which is as it came; raises `AddressUnusable`."""
        check_address(kind, address, self._outside)
        return address
