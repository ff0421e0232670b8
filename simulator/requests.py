"""Reading what a request carries, in every form that the real server takes, without keeping files in memory."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from simulator.errors import bad_request, too_large
from simulator.media import LOCAL_UPLOAD_LIMIT, UPLOAD_LIMIT, Upload

# the fields beside the file
SLACK = 1 << 20
MOST_FIELDS = 200
MOST_FILES = 50


@asynccontextmanager
async def read_parameters(request: Request, *, local: bool) -> AsyncIterator[dict[str, object]]:
    """The parameters by name: texts, JSON values or uploads. The uploads are gone when it ends.

    A server that is `local` takes larger ones.
    """
    parameters: dict[str, object] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await _multipart(request, LOCAL_UPLOAD_LIMIT if local else UPLOAD_LIMIT)
        try:
            yield parameters | {name: _form_value(value) for name, value in form.items()}
        finally:
            await form.close()
        return
    body = await _body(request)
    if kind == "application/json":
        parameters |= _json_object(body)
    elif kind == "application/x-www-form-urlencoded":
        parameters |= dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    yield parameters


def _form_value(value: str | UploadFile) -> object:
    if isinstance(value, UploadFile):
        return Upload(value.file, value.filename or "file", value.size or 0)
    return value


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("can't parse JSON object: object expected")
    return value


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in _limited(request, SLACK):
        body += chunk
    return body


async def _multipart(request: Request, most: int) -> FormData:
    stream = _limited(request, most + SLACK)
    parser = MultiPartParser(request.headers, stream, max_files=MOST_FILES, max_fields=MOST_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise bad_request(f"can't parse multipart body: {error.message}") from error
    if any(isinstance(value, UploadFile) and (value.size or 0) > most for value in form.values()):
        await form.close()
        raise too_large()
    return form


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces. One that is too large is read to its end and thrown away, so that the refusal arrives."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            yield chunk
    if size > limit:
        raise too_large()
