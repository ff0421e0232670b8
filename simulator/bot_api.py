"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from simulator.accounts import Bot
from simulator.contract import Method
from simulator.errors import ApiError, internal, not_found, not_implemented, too_many_requests, unauthorized
from simulator.faults import Fault
from simulator.media import Prepared, Upload, prepare
from simulator.methods import METHODS
from simulator.methods.call import Call
from simulator.parameters import ATTACH, typed
from simulator.record import Record, summary
from simulator.requests import read_parameters
from simulator.updates import LONGEST_POLL
from simulator.world import World

TOKEN = re.compile(r"\d{1,16}:[A-Za-z0-9_-]{20,64}")
MOST_UPDATES = 100
# methods that the flood limits count
COUNTED = ("send", "copy", "forward", "edit")
NOT_COUNTED = ("sendChatAction",)


class DroppedResponse(Response):
    """Loses the connection: the answer begins and never comes, which a client sees as a network error."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


@dataclass(frozen=True, slots=True)
class Asked:
    """One call on its way: `parameters` are typed, `uploads` still in the server's temporary files."""

    bot: Bot
    method: Method
    parameters: dict[str, Any]
    uploads: dict[str, Upload]


class BotApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._record = Record(world.db)

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route(
            "/bot{token}/{method}",
            self.call,
            methods=["GET", "POST"],
            response_model=None,
            include_in_schema=False,
        )
        router.add_api_route(
            "/file/bot{token}/{path:path}",
            self.file,
            methods=["GET", "HEAD"],
            response_model=None,
            include_in_schema=False,
        )
        return router

    async def call(self, token: str, method: str, request: Request) -> Response:
        """Answers one call, or fails as a fault on demand wants it."""
        if self._world.faults.is_down():
            return DroppedResponse()
        fault = self._world.faults.take(self._name(method))
        if fault and fault.action == "drop" and fault.before:
            return DroppedResponse()
        response = await self._answer(token, method, request, fault)
        if (fault and fault.action == "drop") or self._world.faults.is_down():
            return DroppedResponse()
        return response

    def _name(self, method: str) -> str:
        found = self._world.contract.methods.get(method.lower())
        return found.name if found else method

    async def _answer(self, token: str, method: str, request: Request, fault: Fault | None) -> Response:
        try:
            async with read_parameters(request, local=self._world.settings.local) as raw:
                bot = self._bot(token)
                await _fail(fault)
                asked = self._asked(bot, method, raw)
                result = await self._obey(asked)
        except ApiError as error:
            return _error_response(error)
        return JSONResponse({"ok": True, "result": result})

    def _bot(self, token: str) -> Bot:
        if not TOKEN.fullmatch(token):
            raise not_found()
        bot = self._world.accounts.bot_with_token(token)
        if bot is None:
            raise unauthorized()
        return bot

    def _method(self, name: str) -> Method:
        contract = self._world.contract
        method = contract.methods.get(name.lower())
        if method:
            return method
        if name.lower() in contract.other_methods:
            raise not_implemented(contract.other_methods[name.lower()])
        raise not_found()

    def _asked(self, bot: Bot, name: str, raw: dict[str, object]) -> Asked:
        method = self._method(name)
        uploads = {key: value for key, value in raw.items() if isinstance(value, Upload)}
        try:
            parameters = typed(self._world.contract, method, raw)
            self._count(bot, method, parameters)
        except ApiError as error:
            self._note(bot, method, raw, error=error)
            raise
        return Asked(bot, method, parameters, uploads)

    def _count(self, bot: Bot, method: Method, parameters: dict[str, Any]) -> None:
        """Spends from the flood budget, or raises 429."""
        chat = parameters.get("chat_id")
        if not method.name.startswith(COUNTED) or method.name in NOT_COUNTED or not isinstance(chat, int):
            return
        several = parameters.get("message_ids") or parameters.get("media")
        self._world.flood.spend(bot.id, chat, len(several) if isinstance(several, list) else 1)

    async def _obey(self, asked: Asked) -> Any:  # noqa: ANN401  each method has its own result
        if asked.method.name == "getUpdates":
            return self._checked(asked.method, await self._updates(asked))
        try:
            prepared = await self._prepared(asked)
            with self._world.change():
                call = Call(self._world, asked.bot, asked.parameters, prepared)
                result = self._checked(asked.method, METHODS[asked.method.name](call))
                self._note(asked.bot, asked.method, asked.parameters, result=result)
        except ApiError as error:
            self._note(asked.bot, asked.method, asked.parameters, error=error)
            raise
        return result

    async def _prepared(self, asked: Asked) -> dict[str, Prepared]:
        kinds = upload_kinds(asked.method.name, asked.parameters)
        return {
            name: await prepare(self._world.files, upload, kinds[name])
            for name, upload in asked.uploads.items()
            if name in kinds
        }

    async def _updates(self, asked: Asked) -> list[dict[str, Any]]:
        parameters, queue = asked.parameters, self._world.updates
        offset = parameters.get("offset", 0)
        with self._world.db.transaction():
            if "allowed_updates" in parameters:
                queue.set_allowed(asked.bot.id, parameters["allowed_updates"])
            queue.confirm(asked.bot.id, offset)
        limit = min(max(parameters.get("limit", MOST_UPDATES), 1), MOST_UPDATES)
        timeout = min(max(parameters.get("timeout", 0), 0), LONGEST_POLL)
        return await self._world.polling.get(asked.bot.id, offset, limit, timeout)

    def _checked(self, method: Method, result: Any) -> Any:  # noqa: ANN401  each method has its own result
        """The result, if the contract allows it. If not, the simulator is wrong and says so loudly."""
        problem = self._world.contract.problem(method.returns, result, "result", strict=True)
        if problem:
            raise internal(f"the simulator's answer breaks the contract: {problem}")
        return result

    def _note(
        self,
        bot: Bot,
        method: Method,
        parameters: dict[str, Any],
        *,
        result: object = None,
        error: ApiError | None = None,
    ) -> None:
        chat = _number(parameters.get("chat_id"))
        message_id = result.get("message_id") if isinstance(result, dict) else parameters.get("message_id")
        noted = {name: value for name, value in parameters.items() if not isinstance(value, Upload)}
        self._record.add(
            self._world.clock(),
            bot.id,
            {
                "method": method.name,
                "chat": chat,
                "message_id": _number(message_id),
                "ok": error is None,
                "error": error.description if error else None,
                "parameters": summary(noted),
            },
        )

    async def file(self, token: str, path: str) -> Response:
        """The bytes of a `file_path`, with ranges. From a local server they are read where they lie."""
        if self._world.faults.is_down():
            return DroppedResponse()
        try:
            self._bot(token)
            file = self._world.files.at_path(path)
            if file is None or self._world.settings.local:
                raise not_found()
        except ApiError as error:
            return _error_response(error)
        return FileResponse(self._world.files.place(file.blob), media_type="application/octet-stream")


def upload_kinds(method: str, parameters: dict[str, Any]) -> dict[str, str]:
    """For each uploaded file that the parameters mean, the kind as which they mean it."""
    kinds: dict[str, str] = {}
    media = parameters.get("media", [])
    is_album = isinstance(media, list)
    for item in media if is_album else [media]:
        kinds |= _attached(item.get("media"), _meant(item["type"], item, in_album=is_album))
        kinds |= _beside(item)
    kind = method.removeprefix("send").lower()
    return kinds | _beside(parameters) | _attached(parameters.get(kind), _meant(kind, parameters))


def _meant(kind: str, given: dict[str, Any], *, in_album: bool = False) -> str:
    """A document whose type is not to be found out stays one, whatever it holds."""
    as_it_is = kind == "document" and (in_album or given.get("disable_content_type_detection"))
    return "file" if as_it_is else kind


def _beside(given: dict[str, Any]) -> dict[str, str]:
    return _attached(given.get("thumbnail"), "thumbnail") | _attached(given.get("cover"), "photo")


def _attached(reference: object, kind: str) -> dict[str, str]:
    if isinstance(reference, str) and reference.startswith(ATTACH):
        return {reference.removeprefix(ATTACH): kind}
    return {}


def _number(value: object) -> int | None:
    """The number that a parameter, typed or not, stands for."""
    text = str(value)
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else None


async def _fail(fault: Fault | None) -> None:
    """The faults that come before the call is obeyed."""
    if fault is None:
        return
    if fault.action == "delay":
        await asyncio.sleep(fault.seconds)
    elif fault.action == "429":
        raise too_many_requests(fault.retry_after)
    elif fault.action == "error":
        raise ApiError(fault.error_code, fault.description)
    elif fault.action == "400":
        raise ApiError(400, "Bad Request: message can't be edited")
    elif fault.action == "500":
        raise ApiError(500, "Internal Server Error")


def _error_response(error: ApiError) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return JSONResponse(body, status_code=error.code)
