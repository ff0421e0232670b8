"""Which shape the stored documents have, and every document there is."""

from beanie import Document

from models.access import Claim, Member
from models.cards import Card
from models.delivery import Delivery
from models.downloads import Download, Torrent
from models.feeds import Feed, FeedEntry
from models.files import FileList
from models.grabs import Grab
from models.inbox import InboxPoll
from models.intake import Intake
from models.ledger import Ledger, Written
from models.library import Alert, Collection, Encodings, Favourite, Item, LibrarySearch, WorksNamed
from models.search import Hits, Rest, Search
from models.sessions import AccountTold, SessionLease
from models.storage import Copy, LossesTold
from models.transfers import Transfer
from models.uploads import SentParts


class SchemaVersion(Document):
    """The one document `schema` says which migrations have run."""

    id: str = "schema"  # type: ignore[assignment]
    version: int

    class Settings:
        name = "schema"


DOCUMENTS: tuple[type[Document], ...] = (
    AccountTold,
    Alert,
    Card,
    Claim,
    Collection,
    Copy,
    Delivery,
    Download,
    Encodings,
    Favourite,
    Feed,
    FeedEntry,
    FileList,
    Grab,
    Hits,
    InboxPoll,
    Intake,
    Item,
    Ledger,
    LibrarySearch,
    LossesTold,
    Member,
    Rest,
    SchemaVersion,
    Search,
    SentParts,
    SessionLease,
    Torrent,
    Transfer,
    WorksNamed,
    Written,
)
