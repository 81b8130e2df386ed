"""People for tests: everybody a clinic needs, added through the services."""

from collections.abc import Mapping

from engine.core.people import Person, Role
from engine.ports import Randomness, UnitOfWork
from engine.services.access import OPERATOR
from engine.services.people import add_person
from tests.stores.kit import NOW

STAFF: Mapping[str, Role] = {
    "cora": Role.COORDINATOR,
    "cory": Role.COORDINATOR,
    "dora": Role.CLINICIAN,
    "dean": Role.CLINICIAN,
    "lea": Role.CLINICAL_LEAD,
    "vic": Role.VIEWER,
}


def hired(uow: UnitOfWork, chance: Randomness, site: str = "main") -> dict[str, Person]:
    """Add the staff of a site; return them by login."""
    return {
        login: add_person(
            uow, login, login.title(), {role}, site, by=OPERATOR, now=NOW, randomness=chance
        )
        for login, role in STAFF.items()
    }  # fmt: skip
