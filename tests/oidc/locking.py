"""Writes package-lock.json anew from package.json, without the addresses npm would put into it."""

import json
import subprocess

from tests.oidc.provider import HERE, NODE, NPM


def lock() -> None:
    file = HERE / "package-lock.json"
    subprocess.run([NODE, NPM, "install", "--package-lock-only"], cwd=HERE, check=True)
    told = json.loads(file.read_text(encoding="utf-8"))
    for package in told["packages"].values():
        package.pop("funding", None)
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lock()
