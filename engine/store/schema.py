"""The schema as a whole: every module that has tables is named here, and nowhere else."""

from engine.store import people_tables, sending_tables, upload_tables, worklist_tables
from engine.store.tables import METADATA

__all__ = ["METADATA", "people_tables", "sending_tables", "upload_tables", "worklist_tables"]
