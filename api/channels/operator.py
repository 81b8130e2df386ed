"""What the operator is told about the installation itself, when it cannot tell anybody else."""

from api.channels.configured import Outside
from api.channels.gateways import sent_through
from engine.core.dispatches import Outcome

TITLE = "Careway"


def tell_operator(outside: Outside, text: str) -> Outcome:
    """Tell the operator something short and plain about the installation, once; nothing about anybody.

    Returns:
        What came of it: `failed` with the code `no-operator` when the settings name none.
    """
    if outside.operator is None:
        return Outcome("failed", "no-operator")
    return sent_through(outside.operator, text, title=TITLE)
