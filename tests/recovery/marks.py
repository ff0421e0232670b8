"""Where the journeys are killed: every failpoint there is, by the journey that passes it."""

START = ("transfers.release", "transfers.expire", "search.release", "search.claim")
INBOX = ("inbox.poll", "inbox.insert", "inbox.done")
CARDS = ("cards.insert", "cards.send", "cards.sent", "cards.edit", "cards.edited", "cards.answer")
SWEEP = ("cards.sweep",)
CARDS_GONE_WRONG = ("cards.gone", "cards.refused", "cards.settle")
CHOOSE = (
    *("search.insert", "search.ask", "search.save"),
    *("downloads.resolve", "downloads.keep-torrent", "downloads.inspect", "downloads.forget"),
    *("transfers.insert", "transfers.claim", "transfers.renew", "transfers.choose", "transfers.move"),
    "transfers.tidied",
)
SEARCH = ("search.again", "search.turn")
FETCH = (
    *("downloads.insert", "downloads.join", "downloads.add", "downloads.active", "downloads.progress"),
    *("downloads.note", "downloads.leave", "downloads.removing", "downloads.remove", "downloads.delete"),
)
AGAIN = ("downloads.again",)
ELSEWHERE = ("downloads.elsewhere",)
NOT_AGAIN = ("downloads.not-again",)
STORE = (
    *("transfers.follow", "transfers.advance", "transfers.wait", "downloads.files"),
    *("downloads.receive", "media.inspect", "media.previews"),
    *("storage.announce", "storage.placeholder", "storage.sweep", "storage.placed", "storage.post"),
    *("storage.stored", "library.insert", "storage.deliver"),
)
LOST = ("storage.lost",)
GIVE_UP = ("downloads.hold", "cards.view", "storage.remove-post", "storage.remove-copy")
KEEP = ("storage.keep", "storage.kept", "storage.remove-file", "storage.remove-kept")
FAIL = ("downloads.clear",)
CLAIM = ("access.promote", "access.claimable", "access.claim", "access.enrol")


def everywhere() -> set[str]:
    """The names of all failpoints that some journey is killed at."""
    return {
        *(*START, *INBOX, *CARDS, *SWEEP, *CARDS_GONE_WRONG, *CHOOSE, *SEARCH, *FETCH, *AGAIN, *ELSEWHERE),
        *(*NOT_AGAIN, *STORE, *LOST, *GIVE_UP, *KEEP, *FAIL, *CLAIM),
    }
