"""What several tests of the data centre stand on."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from tests.data_centre import Centre


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> "AsyncIterator[Centre]":
    """A data centre that runs, one for the tests of a file."""
    from tests.data_centre import centre  # it takes pyrogram along, which takes long

    async with centre(tmp_path_factory.mktemp("centre")) as running:
        yield running
