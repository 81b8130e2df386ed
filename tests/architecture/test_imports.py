"""Who may import whom; the contracts themselves stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path


def test_every_import_contract_is_kept(root: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    run = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
