"""What /help says, and which commands the menu shows: what a role may do."""

from collections.abc import Mapping

from handlers.cards.look import Look
from models.access import RIGHTS, Right, Role
from services.words import Words

NEEDED: Mapping[str, Right | None] = {
    "start": None,
    "help": None,
    "search": Right.SEARCH,
    "library": Right.RECEIVE,
    "tag": Right.ORDER,
    "collections": Right.RECEIVE,
    "collect": Right.RECEIVE,
    "add": Right.ORDER,
    "files": Right.ORDER,
    "grab": Right.MANAGE,
    "feed": Right.ORDER,
    "feeds": Right.ORDER,
    "intake": Right.MANAGE,
    "status": Right.ORDER,
    "settings": Right.PREFER,
    "mydata": Right.PREFER,
    "duplicates": Right.MANAGE,
    "health": Right.MANAGE,
}
"""Every command, in the order in which it is shown, and the right without which it is not."""
_SAID = tuple(name for name in NEEDED if name not in {"start", "help"})


def may_use(role: Role, command: str) -> bool:
    """Whether a role may do what a command is for."""
    right = NEEDED[command]
    return right is None or right in RIGHTS[role]


def help_card(role: Role, t: Words) -> Look:
    """What this role may do, one line a command."""
    lines = [t("help-headline"), t(f"help-as-{role.value}")]
    lines += [t(f"help-{command}") for command in _SAID if may_use(role, command)]
    return Look("\n".join([*lines, t("help-footer")]), final=True)
