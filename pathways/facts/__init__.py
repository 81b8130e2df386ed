"""Calculations a one-line expression cannot say, as small pure functions by subject."""

from engine.core.facts import FactCatalogue, catalogue
from pathways.facts import anchor, imaging, lung_function, rapid, symptoms, treatment

REVISION = "1"
"""Raise it whenever a fact gives another result; a golden test fails otherwise."""

CATALOGUE: FactCatalogue = catalogue((anchor, lung_function, symptoms, imaging, treatment, rapid), REVISION)
