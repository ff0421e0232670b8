"""Houses of conversations share a database server: what matters here is not how it starts and ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.swarm import WebSeed


@pytest.fixture(scope="session", autouse=True)
def _one_server(one_server: None) -> None:
    """For every house."""


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[WebSeed]:
    """Serves what a test puts into its folder."""
    folder = tmp_path / "web"
    folder.mkdir()
    with WebSeed(folder) as seed:
        yield seed
