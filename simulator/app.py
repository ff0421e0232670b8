"""The simulator as one ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from simulator import routes
from simulator.bot_api import BotApi
from simulator.data_centre import DataCentre
from simulator.guard import Guard
from simulator.sample import sample_router
from simulator.world import World

PAGE = Path(__file__).with_name("page")


def create_app(
    world: World, base_url: Callable[[], str], *, works: Path | None = None, samples_at_start: bool = False
) -> FastAPI:
    """`base_url` says where the server can be reached, once it listens. The caller closes the world.

    The sample works lie in `works`, else among the world's own files. With `samples_at_start` they are made as soon as the
    server runs, else when they are first asked for.
    """
    data_centre = DataCentre(world)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await data_centre.start()
        yield
        await data_centre.close()

    app = FastAPI(
        title="Magpie's simulator", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.state.world = world
    app.state.data_centre = data_centre
    app.add_middleware(Guard)
    app.include_router(BotApi(world).router())
    # not included, which would make each of them anew for every application
    app.router.routes.extend(routes.router.routes)
    works = works or world.settings.folder / "sample"
    samples = sample_router(works, base_url, at_start=samples_at_start)
    app.include_router(samples, prefix="/sample")
    app.add_api_route("/", index, include_in_schema=False, response_model=None)
    app.mount("/page", StaticFiles(directory=PAGE, check_dir=False), name="page")
    return app


async def index() -> FileResponse:
    return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})
