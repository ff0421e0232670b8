"""What a method is given: who calls, with what, in which world."""

from dataclasses import dataclass, field
from typing import Any

from simulator.accounts import Bot
from simulator.chats import Chat
from simulator.errors import bad_request
from simulator.files import read_file_id
from simulator.media import Prepared, check_kind, store
from simulator.messages import Content, Message
from simulator.parameters import ATTACH
from simulator.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method. `parameters` are typed; `uploads` are on disk, by their name in the request."""

    world: World
    bot: Bot
    parameters: dict[str, Any]
    uploads: dict[str, Prepared] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  a parameter is of its own type
        return self.parameters[name]

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401  a parameter is of its own type
        return self.parameters.get(name, default)

    def chat_to_write(self) -> Chat:
        return self.world.access.to_write(self.bot, self["chat_id"])

    def chat_to_edit(self) -> Chat:
        return self.world.access.to_edit(self.bot, self["chat_id"])

    def chat_to_read(self) -> Chat:
        return self.world.access.to_read(self.bot, self["chat_id"])

    def post(self, chat: Chat, content: Content) -> Message:
        """Posts what the bot may send there, or refuses."""
        self.world.access.check_content(self.bot, chat, content)
        return self.world.post(chat, self.bot.id, content)

    def shown(self, message: Message) -> dict[str, Any]:
        return self.world.view.for_bot(self.bot, message)

    def media(self, kind: str, reference: str, given: dict[str, Any]) -> tuple[str, Any]:
        """The media that `reference` means, and its kind: a file that is no video becomes a document.

        `reference` is `attach://NAME`, a file id or an address, `given` what the request says about the file.
        """
        kind, media = self._file(kind, reference, given)
        if kind == "video" and given.get("cover"):
            # of this message, not of the file: sent again by its id it has none
            media = media | {"cover": self._file("photo", given["cover"], {})[1]}
        return kind, media

    def _file(self, kind: str, reference: str, given: dict[str, Any]) -> tuple[str, Any]:
        if reference.startswith(ATTACH):
            return self._uploaded(kind, reference, given)
        if "://" in reference:
            raise bad_request("failed to get HTTP URL content")
        return kind, self._known(kind, reference)

    def _uploaded(self, kind: str, reference: str, given: dict[str, Any]) -> tuple[str, Any]:
        prepared = self.uploads.get(reference.removeprefix(ATTACH))
        if prepared is None:
            raise bad_request(f"there is no {kind} in the request")
        thumbnail = self.uploads.get(str(given.get("thumbnail", "")).removeprefix(ATTACH))
        return prepared.kind, store(self.world.files, prepared, given, thumbnail)

    def _known(self, kind: str, file_id: str) -> Any:  # noqa: ANN401  a list for photos, else an object
        try:
            file = self.world.files.get(read_file_id(self.bot.file_key, file_id))
        except LookupError:
            raise bad_request("wrong file identifier/HTTP URL specified") from None
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        check_kind(file, kind)
        return self.world.files.media(file.id)


def media_content(kind: str, media: Any) -> Content:  # noqa: ANN401  a list for photos, else an object
    """The fields of a message that carries the media."""
    if kind == "animation":
        # as the Bot API: "for backward compatibility, when this field is set, the document field will also be set"
        document = {
            name: media[name]
            for name in ("file", "file_name", "mime_type", "file_size", "thumbnail")
            if name in media
        }
        return {"animation": media, "document": document}
    return {kind: media}
