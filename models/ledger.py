"""How far the archive is written down in Telegram itself."""

from beanie import Document
from pydantic import Field

from models.clock import Millis, now


class Ledger(Document):
    """The chain of manifests as this database knows it. There is one, under the id `ledger`; only conditional updates change it.

    `number` and `hash` are those of the last manifest that stands in the channel, 0 and empty before the first.
    """

    id: str = "ledger"  # type: ignore[assignment]
    key: str
    """The public key of whoever signs, in hexadecimal."""
    number: int = 0
    hash: str = ""
    until: Millis = 0
    """Items that changed before were looked at."""
    draft: str = ""
    """The lines that are being posted, word for word, until they stand."""
    rebuilding: str = ""
    """The public key by which the database is being made again from the ledger: until that is done nobody writes on."""
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "ledger"
        validate_on_save = True


class Written(Document):
    """What was last written down of an Item, a Member, a Collection or a channel: `id` is `item:…`, `member:…`, `collection:…` or `channel:…`, `digest` the BLAKE3 of what was said."""

    id: str  # type: ignore[assignment]
    digest: str
    number: int

    class Settings:
        name = "written"
