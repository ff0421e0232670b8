"""Who may use Magpie."""

import hmac
from dataclasses import dataclass

from models.access import Claim, LanguageBy, Member, Right, Role
from services.access.rights import NotAdmitted, require
from services.documents import Where, insert_once, update_if
from services.errors import MagpieError
from services.failpoints import failpoint

_CLAIM = "owner"
_CODE_DIGITS = 16


class ClaimRefused(MagpieError):
    """The code is wrong or was used."""

    def __init__(self) -> None:
        super().__init__("claim-refused")


@dataclass(frozen=True)
class Person:
    """Somebody in Telegram, as an update shows them. `language` is Telegram's language code, cut to two letters."""

    id: str
    name: str
    language: str


class AccessService:
    """Knows members. `owner_id` is the owner's Telegram id when the settings name it.

    `claim_secret` is what the claim code is made of: known to this instance alone, and the same after a restart.
    """

    def __init__(self, *, owner_id: int | None, open_access: bool, claim_secret: str) -> None:
        self._code = hmac.digest(claim_secret.encode(), b"claim", "sha256").hex()[:_CODE_DIGITS]
        self._owner_id = None if owner_id is None else str(owner_id)
        self._open = open_access

    async def admit(self, person: Person) -> Member:
        """The member behind a person; raises NotAdmitted for strangers.

        When the settings name the owner, nobody else stays one: who was it before is a member.
        """
        found = await Member.get(person.id)
        if person.id == self._owner_id and (found is None or found.role is not Role.OWNER):
            # first, so that a crash in between leaves it to be done
            while await self._given({"_id": {"$ne": person.id}, "role": Role.OWNER}, Role.MEMBER):
                pass
            return await self._enrol(person, Role.OWNER)
        if found is not None and found.role is Role.OWNER and not self._may_own(person):
            found = await self._given({"_id": person.id, "role": Role.OWNER}, Role.MEMBER) or found
        if found is not None and self.admits(found):
            return await self._heard(found, person)
        if self._open:
            return await self._enrol(person, Role.GUEST)
        raise NotAdmitted

    def admits(self, member: Member) -> bool:
        """Guests are those whom open access let in: they stay outside when it ends."""
        return self._open or member.role is not Role.GUEST

    async def add(self, person: Person, role: Role = Role.MEMBER) -> Member:
        """Makes somebody a member: for the assembly (the simulator's people), later for admins."""
        found = await Member.get(person.id)
        return found if found is not None else await self._enrol(person, role)

    async def claim_code(self) -> str | None:
        """The code that makes whoever sends it the owner, the same after every restart; None when there is an owner."""
        if self._owner_id is not None or await Member.find_one({"role": Role.OWNER.value}):
            return None
        return self._code

    async def claim(self, code: str, person: Person) -> Member:
        """Makes the person the owner, once. Raises ClaimRefused. Repeating it by the same person is not an error."""
        if not hmac.compare_digest(code.strip().encode(), self._code.encode()) or not self._may_own(person):
            raise ClaimRefused
        if await self.claim_code() is None and not await self._claimed_by(person):
            raise ClaimRefused
        with failpoint("access.claimable"):
            await insert_once(Claim())
        with failpoint("access.claim"):
            taken = await update_if(
                Claim, {"_id": _CLAIM, "used_by": {"$in": ["", person.id]}}, {"used_by": person.id}
            )
        if taken is None:
            raise ClaimRefused
        return await self._enrol(person, Role.OWNER)

    @require(Right.MANAGE)
    async def note_greeted(self, *, by: Member) -> Member:
        """Remembers that the owner was shown what is set up."""
        with failpoint("access.greeted"):
            return await update_if(Member, {"_id": by.id}, {"shown_setup": True}) or by

    async def _heard(self, member: Member, person: Person) -> Member:
        """Until a member chooses a language it is what their Telegram speaks now."""
        if member.language_by is LanguageBy.MEMBER or member.language == person.language:
            return member
        following = {"_id": member.id, "language_by": {"$ne": LanguageBy.MEMBER}}
        with failpoint("access.language"):
            return await update_if(Member, following, {"language": person.language}) or member

    async def _claimed_by(self, person: Person) -> bool:
        return await Claim.find_one({"used_by": person.id}) is not None

    def _may_own(self, person: Person) -> bool:
        return self._owner_id in {None, person.id}

    async def _enrol(self, person: Person, role: Role) -> Member:
        member = Member(id=person.id, name=person.name, role=role, language=person.language)
        with failpoint("access.enrol"):
            kept = await insert_once(member)
        if kept.role is role:
            return kept
        return await self._given({"_id": person.id}, role) or kept

    async def _given(self, where: Where, role: Role) -> Member | None:
        """Gives the role to one who is as `where` expects, if there is one."""
        with failpoint("access.promote"):
            return await update_if(Member, where, {"role": role})
