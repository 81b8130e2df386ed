"""Modules stay small: above 400 lines we think, above 600 we split."""

import warnings
from pathlib import Path

import pytest

THINK, SPLIT = 400, 600


@pytest.mark.filterwarnings("default::UserWarning")
def test_no_module_is_too_long(root: Path) -> None:
    modules = [
        path
        for name in ("engine", "pathways", "api", "tests", "bench")
        for path in (root / name).rglob("*.py")
    ]
    lines = {str(path.relative_to(root)): len(path.read_bytes().splitlines()) for path in modules}

    for name, count in sorted(lines.items()):
        if THINK < count <= SPLIT:
            warnings.warn(f"{name} has {count} lines; think about splitting it", stacklevel=1)

    assert not {name: count for name, count in lines.items() if count > SPLIT}
