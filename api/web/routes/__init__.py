"""What each page answers."""

from api.web import provider, reference, signing
from api.web.routes import (
    acting,
    cohorts,
    imports,
    lists,
    pathways,
    patient,
    patients,
    people,
    recording,
    settings,
    ticked,
    today,
    webhooks,
)

PAGES = (
    signing,
    provider,
    reference,
    today,
    lists,
    ticked,
    patients,
    patient,
    recording,
    acting,
    cohorts,
    pathways,
    imports,
    settings,
    people,
    webhooks,
)
"""Everything that is no call of the OpenAPI document."""
