"""What several files of tests stand on."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from tests.contract.simulator_client import Client, Program
    from tests.data_centre import Centre


@pytest.fixture
async def person(running: "Program") -> "AsyncIterator[Client]":
    """Ada, who has started the bot of the simulator that the file's own fixture runs."""
    async with running.client() as client:
        await client.say("/start")
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> "AsyncIterator[Centre]":
    """A data centre that runs, one for the tests of a file."""
    from tests.data_centre import centre  # it takes pyrogram along, which takes long

    async with centre(tmp_path_factory.mktemp("centre")) as running:
        yield running
