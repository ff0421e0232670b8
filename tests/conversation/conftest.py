"""Houses of conversations share a database server: what matters here is not how it starts and ends."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_server(one_server: None) -> None:
    """For every house."""
