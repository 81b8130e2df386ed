from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shipped(root: Path) -> Path:
    """The stories that were delivered with the pathway."""
    return root / "pathways" / "pm_ild" / "vignettes" / "vignettes.yaml"
