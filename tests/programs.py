"""Programs that some tests drive for real: present, or the test says which one is missing."""

import os
import shutil

import pytest


def need(*programs: str) -> None:
    """Skips the test when a program is missing; with `CI=true` that is a failure instead."""
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing:
        return
    reason = f"missing program: {', '.join(missing)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
