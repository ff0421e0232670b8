"""The Card of /mydata: what is kept of a member, and the keys to have it and to have it deleted."""

from collections.abc import Mapping

from handlers.buttons import DeleteData, TakeData, TurnData
from handlers.cards.look import Look, key
from models.access import Member, Role
from services.access.own_data import Kept
from services.words import Words

MAIN, ASK = "main", "ask"
_LINES: Mapping[str, str] = {
    "orders": "mydata-orders",
    "works": "mydata-works",
    "searches": "mydata-searches",
    "library_searches": "mydata-library-searches",
    "favourites": "mydata-favourites",
    "alerts": "mydata-alerts",
    "collections": "mydata-collections",
    "feeds": "mydata-feeds",
    "grabs": "mydata-grabs",
    "intakes": "mydata-intakes",
    "deliveries": "mydata-deliveries",
    "cards": "mydata-cards",
}


def mydata_card(member: Member, kept: Kept, t: Words, view: str = MAIN) -> Look:
    """In numbers; a view `ask` says what goes and what stays, and asks once."""
    if view == ASK and member.role is not Role.OWNER:
        return _question(member, kept, t)
    lines = [t("mydata-headline"), t("mydata-member", name=member.name)]
    lines += [t(_LINES[name], count=count) for name, count in kept.counts.items() if count]
    keys = [[key(t, "button-mydata-take", TakeData(member.id))]]
    if member.role is Role.OWNER:
        lines.append(t("mydata-owner-stays"))
    else:
        keys.append([key(t, "button-mydata-delete", TurnData(member.id, ASK))])
    return Look("\n".join([*lines, t("mydata-updates")]), keys)


def _question(member: Member, kept: Kept, t: Words) -> Look:
    lines = [t("mydata-ask"), t("mydata-goes"), t("mydata-stays")]
    if kept.going_on:
        lines.append(t("mydata-cancels", count=kept.going_on))
    yes = key(t, "button-mydata-yes", DeleteData(member.id))
    return Look("\n".join(lines), [[yes], [key(t, "button-back", TurnData(member.id, MAIN))]])
