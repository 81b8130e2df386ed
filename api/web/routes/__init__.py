"""What each page answers."""

from api.web import provider, reference, signing
from api.web.routes import acting, lists, patient, patients, recording, today

PAGES = (signing, provider, reference, today, lists, patients, patient, recording, acting)
"""Everything that is no call of the OpenAPI document."""
