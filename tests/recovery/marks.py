"""Where the journeys are killed: every failpoint there is, by the journey that passes it."""

START = ("cards.take-over", "transfers.release", "transfers.expire", "search.release", "search.claim")
INBOX = ("inbox.poll", "inbox.insert", "inbox.done")
CARDS = ("cards.insert", "cards.send", "cards.sent", "cards.edit", "cards.edited", "cards.answer")
SWEEP = ("cards.sweep",)
CARDS_GONE_WRONG = ("cards.gone", "cards.refused", "cards.settle")
CHOOSE = (
    *("search.insert", "search.ask", "search.hits", "search.save", "search.pick"),
    *("downloads.keep-torrent", "downloads.inspect", "downloads.forget"),
    *("transfers.insert", "transfers.claim", "transfers.renew", "transfers.choose", "transfers.move"),
    "transfers.tidied",
)
LINKS = ("downloads.resolve",)
ALBUM = (*INBOX, "transfers.insert", "cards.insert")
MESSAGES = ("downloads.look",)
FILES = ("transfers.keep-files",)
SEARCH = ("search.trouble", "search.rest", "search.forgive", "search.turn", "search.again")
FETCH = (
    *(
        "queue.admit",
        "downloads.insert",
        "downloads.join",
        "downloads.add",
        "downloads.active",
        "downloads.progress",
    ),
    *("downloads.note", "downloads.leave", "downloads.removing", "downloads.remove", "downloads.delete"),
)
AT_ENGINE = (
    *("downloads.add", "downloads.active", "downloads.progress", "downloads.note"),
    *("downloads.removing", "downloads.remove", "downloads.delete"),
)
"""Those of `FETCH` between which an engine is asked: what each engine makes of a kill there is its own."""
SHARED = ("downloads.leave", "downloads.want-less")
AGAIN = ("downloads.again",)
SEED = ("downloads.seed", "downloads.seeded")
ELSEWHERE = ("downloads.elsewhere",)
NOT_AGAIN = ("downloads.not-again",)
STORE = (
    *("transfers.follow", "transfers.advance", "transfers.wait", "downloads.files"),
    *("downloads.receive", "media.inspect", "media.previews", "media.note-previews"),
    *("storage.announce", "storage.placeholder", "telegram.answer"),
    *("storage.sweep", "storage.placed", "storage.post"),
    *("downloads.store", "storage.stored", "library.insert", "storage.deliver"),
)
UNPACK = ("media.unpack",)
QUEUE = ("queue.tell", "queue.front", "storage.share", "storage.shared", "storage.unshare")
LOST = ("storage.lost",)
HEIRS = ("storage.going", "storage.links", "storage.inherit", "storage.touch")
MOVED = (
    *("chats.move-transfers", "chats.move-items", "chats.move-searches", "chats.move-feeds"),
    *("chats.move-library-searches", "chats.move-grabs", "chats.move-intakes"),
    "chats.move-cards",
)
REPLACED = ("storage.replace",)
GIVE_UP = ("downloads.hold", "cards.view", "storage.remove-post", "storage.remove-copy")
KEEP = (
    *("storage.keep", "storage.kept"),
    *("storage.remove-file", "storage.remove-kept", "storage.remove-folder"),
)
FAIL = ("downloads.rests",)
GONE = ("downloads.lost", "downloads.clear", "storage.announce-anew")
CLAIM = ("access.promote", "access.claimable", "access.claim", "access.enrol")

PREFER = ("access.prefer", "access.language", "access.menu", "cards.speak", "menu.set", "menu.remove")
GREETED = ("access.greeted",)
CHECKS = ("checks.post", "checks.delete")
WATCH = ("checks.watch", "checks.lost", "checks.tell", "checks.told", "checks.back")
RESULTS = ("delivery.claim",)
LARGE = (
    *("telegram.sign-in", "telegram.parts-begin", "telegram.part", "telegram.parts-record", "transfers.note"),
    *("telegram.picture", "telegram.cover", "telegram.post-large", "telegram.look", "telegram.parts-forget"),
)
PERSON = (
    *("telegram.rights", "telegram.send-media", "telegram.sent-since"),
    *("storage.anew", "storage.keys", "storage.sent"),
)
LIFT = ("storage.stays", "cards.lift", "delivery.lift", "transfers.lift", "library.posts")
GRAB = (
    *("grab.release", "grab.insert", "grab.claim", "grab.page", "grab.save", "grab.steer", "transfers.queue"),
)
FEED = (
    *("feeds.release", "feeds.insert", "feeds.claim", "feeds.fetch", "feeds.search", "feeds.remember"),
    *("feeds.save", "feeds.steer", "feeds.pass-over", "feeds.asked", "feeds.decide", "feeds.want"),
    *("feeds.forget", "feeds.gone"),
)
LIBRARY = (
    *("library.anew", "library.search", "library.search-one", "library.turn"),
    *("library.favour", "library.disfavour", "library.handed-out", "library.tag"),
)
INTAKE = (
    *("intake.release", "intake.insert", "intake.look", "intake.claim", "intake.page", "intake.head"),
    *("intake.copy", "intake.item", "intake.save", "intake.steer", "intake.renew-copy", "intake.renew-item"),
    "intake.close",
)
COLLECTIONS = ("collection.make", "collection.change", "collection.delete")
EXCHANGE = ("exchange.insert",)
ALERTS = ("library.watch", "library.unwatch", "library.arrived", "library.seen")
FORGET = (
    *(
        "mydata.stop",
        "mydata.copies",
        "mydata.own-works",
        "mydata.works",
        "mydata.halt",
        "mydata.intakes",
        "mydata.wishes",
        "mydata.hits",
        "mydata.searches",
        "mydata.library-searches",
        "mydata.alerts",
        "mydata.opened-collections",
        "mydata.collections",
        "mydata.pause",
        "mydata.feed-entries",
        "mydata.feeds",
    ),
    *("mydata.favourites", "mydata.grabs", "mydata.deliveries", "mydata.claim", "mydata.cards"),
    *("mydata.told", "mydata.member", "mydata.send"),
    *("forgotten.orderer", "forgotten.item", "forgotten.order", "forgotten.kept"),
)
LEDGER = ("ledger.begin", "ledger.draft", "ledger.note", "ledger.posted", "ledger.looked")
REBUILD = (
    *("ledger.rebuild", "ledger.forget", "ledger.restore", "ledger.member", "ledger.gone", "ledger.restored"),
    *("ledger.collection", "ledger.channel"),
    *("ledger.files", "ledger.rebuilt"),
)
SCAN = (
    *("scan.looked", "storage.gone", "scan.begin", "scan.told", "scan.relink", "scan.replace"),
    *("storage.touch", "ledger.mend"),
)
WORKS = (
    "encodings.name",
    "encodings.reach",
    "encodings.insert",
    "encodings.change",
    "encodings.drop",
    "encodings.free",
)
ENCODINGS = (
    *("encodings.decide", "encodings.merge", "encodings.follow", "encodings.tags", "encodings.favour"),
    *("encodings.disfavour", "encodings.keep", "encodings.separate", "encodings.collect"),
)
