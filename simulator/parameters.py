"""From what a request carries to typed parameters, checked against the contract."""

import json
import re
from collections.abc import Mapping
from typing import Any

from simulator.contract import Contract, Field, Method
from simulator.errors import ApiError, bad_request, not_implemented
from simulator.media import Upload

TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})
ATTACH = "attach://"
PLAIN = frozenset({"Integer", "Float", "String", "Boolean", "InputFile"})

# the real server's words for a parameter that is missing
MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "file_id": "file_id not specified",
    "user_id": "invalid user_id specified",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "photo": "there is no photo in the request",
    "video": "there is no video in the request",
    "audio": "there is no audio in the request",
    "document": "there is no document in the request",
    "animation": "there is no animation in the request",
}
# what the contract allows and the simulator does not imitate: refused rather than ignored, in every method that has it
NOT_IMITATED = (
    "business_connection_id",
    "direct_messages_topic_id",
    "suggested_post_parameters",
    "message_effect_id",
    "allow_paid_broadcast",
    "rich_message",
)
# the same of one method: others imitate a parameter of that name
NOT_IMITATED_OF = {"answerCallbackQuery": ("cache_time",)}
# taken, and nothing comes of it that a bot or a person could see: nobody is notified here, and every video is streamed
WITHOUT_EFFECT = ("disable_notification", "supports_streaming")


def typed(contract: Contract, method: Method, raw: Mapping[str, object]) -> dict[str, Any]:
    """The method's parameters with their types; an uploaded file stands as `attach://NAME`.

    Unknown parameters are ignored, empty ones are as if they were not there: so does the real server. Raises the
    refusal of the first parameter that is missing or of a wrong type.
    """
    parameters: dict[str, Any] = {}
    for field in method.fields:
        value = raw.get(field.name)
        if value is None or value == "":
            if field.required:
                raise _missing(field.name)
            continue
        parameters[field.name] = _typed(contract, field, value)
    _refuse_what_is_not_imitated(method, parameters)
    return parameters


def is_imitated(method: Method, name: str) -> bool:
    return name not in (*NOT_IMITATED, *NOT_IMITATED_OF.get(method.name, ()))


def _refuse_what_is_not_imitated(method: Method, parameters: Mapping[str, object]) -> None:
    """One that says no (false, 0) asks for nothing; an object does, even an empty one."""
    for name, value in parameters.items():
        if value not in (False, 0) and not is_imitated(method, name):
            raise not_implemented(f"the parameter {name}")


def _missing(name: str) -> ApiError:
    return bad_request(MISSING.get(name, f'parameter "{name}" is required'))


def _wrong_type(field: Field) -> ApiError:
    return bad_request(f'parameter "{field.name}" must be of type {" or ".join(field.types)}')


def _typed(contract: Contract, field: Field, value: object) -> object:
    if isinstance(value, Upload):
        if "InputFile" not in field.types:
            raise _wrong_type(field)
        return f"{ATTACH}{field.name}"
    if PLAIN.issuperset(field.types):
        return _plain(field, value)
    return _structured(contract, field, value)


def _plain(field: Field, value: object) -> object:
    if isinstance(value, dict | list):
        raise _wrong_type(field)
    text = value if isinstance(value, str) else json.dumps(value)
    if "Integer" in field.types and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if "String" in field.types:
        return text
    if "Boolean" in field.types and text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    if "Float" in field.types and re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", text):
        return float(text)
    raise _wrong_type(field)


def _structured(contract: Contract, field: Field, value: object) -> object:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {field.name} JSON object") from None
    problem = contract.problem(field.types, value, field.name, strict=False)
    if problem and field.name == "reply_markup" and not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if problem:
        raise bad_request(f"can't parse {field.name}: {problem}")
    return value
