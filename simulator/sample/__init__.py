"""A sample indexer: a Torznab server with a few generated, freely licensed works that can really be fetched.

`python -m simulator.sample FOLDER` makes the works; the router makes them itself when it is first asked.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

SAMPLE_KEY = "sample"
"""The one `apikey` that the sample indexer takes."""


def sample_router(folder: Path, base_url: Callable[[], str], *, at_start: bool = False) -> "APIRouter":
    """Returns the sample indexer's routes, to be included under `/sample`.

    `folder` keeps the generated works between starts. `base_url` gives the address of the whole server, such as
    `http://127.0.0.1:8081`; it is asked for every answer, because the port may differ from start to start.
    The works are made at the first request that needs them, or with `at_start` as soon as the server runs.
    """
    # Late, so that the process that only makes the works does not carry the web server.
    from simulator.sample.library import SampleLibrary
    from simulator.sample.routes import build_router

    return build_router(SampleLibrary(folder), base_url, at_start=at_start)
