"""By what somebody can be reached from this installation."""

from api.channels.carriers import check_address
from api.channels.configured import Outside
from api.channels.guard import Resolve, looked_up
from engine.core.channels import EMAIL


class Reachable:
    """Knows the kinds of channels there are, and which addresses can be used; the engine's `Addresses`."""

    def __init__(self, outside: Outside | None = None, resolve: Resolve = looked_up) -> None:
        """Take what the settings make possible; if None, they name nothing.

        Args:
            outside: what the settings say.
            resolve: looks up the hosts of webhooks.
        """
        self._outside, self._resolve = outside or Outside(), resolve

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of channels a person or patient can have: e-mail, if it is sent, and gateways."""
        mail = (EMAIL,) if self._outside.mail else ()
        return (*mail, *sorted(self._outside.gateways))

    def checked(self, kind: str, address: str) -> str:
        """Return an address as it is to be kept, which is as it came; raises `AddressUnusable`."""
        check_address(kind, address, self._outside, self._resolve)
        return address
