"""The sample indexer's HTTP interface: the Torznab API, the .torrent files, and the web seed."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse

from simulator.sample import SAMPLE_KEY
from simulator.sample.library import SampleLibrary, SampleUnavailable
from simulator.sample.query import BadQuery, read_query
from simulator.sample.torznab import caps_document, error_document, results_document, web_seed


def build_router(library: SampleLibrary, base_url: Callable[[], str], *, at_start: bool) -> APIRouter:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if at_start:
            library.start()
        yield
        library.close()

    router = APIRouter(lifespan=lifespan)

    @router.get("/api")
    async def torznab(request: Request) -> Response:
        body = await _answer(library, request, base_url())
        return Response(body, media_type="application/rss+xml; charset=utf-8")

    @router.get("/torrents/{infohash}.torrent")
    async def torrent(infohash: str) -> Response:
        await _made(library)
        content = await library.torrent(infohash, web_seed(base_url()))
        if content is None:
            raise HTTPException(404, "no such torrent")
        name = {"Content-Disposition": f'attachment; filename="{infohash}.torrent"'}
        return Response(content, media_type="application/x-bittorrent", headers=name)

    @router.api_route("/files/{path:path}", methods=["GET", "HEAD"])
    async def file(path: str) -> Response:
        # Answers Range requests; engines fetch a piece at a time.
        await _made(library)
        return FileResponse(_seeded_file(library.files, path))

    return router


async def _made(library: SampleLibrary) -> None:
    """Waits until the works are there. Raises a 503 when they cannot be made."""
    try:
        await library.index()
    except SampleUnavailable as exc:
        raise HTTPException(503, str(exc)) from exc


async def _answer(library: SampleLibrary, request: Request, base_url: str) -> bytes:
    """The document for a Torznab request; as in Newznab, an error too is a document with status 200."""
    parameters = request.query_params
    if not secrets.compare_digest(parameters.get("apikey", "").encode(), SAMPLE_KEY.encode()):
        return error_document(100, "Incorrect user credentials")
    if not parameters.get("t"):
        return error_document(200, "Missing parameter (t)")
    if parameters["t"] == "caps":
        # Who asks this will search soon.
        library.start()
        return caps_document(base_url)
    try:
        query = read_query(parameters)
        index = await library.index()
    except BadQuery as exc:
        return error_document(exc.code, exc.description)
    except SampleUnavailable as exc:
        return error_document(900, str(exc))
    return results_document(query.run(index.releases), base_url)


def _seeded_file(root: Path, path: str) -> Path:
    """The file at a path below `root`. Raises a 404 for everything else."""
    try:
        wanted = (root / path).resolve()
        allowed = wanted.is_relative_to(root.resolve()) and wanted.is_file()
    except (OSError, ValueError):
        # A name that is too long, or with a null byte.
        allowed = False
    if not allowed:
        raise HTTPException(404, "no such file")
    return wanted
