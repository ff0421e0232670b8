"""Who may use Magpie, and what for."""

import asyncio

import pytest

from models.access import Claim, Member, Role
from services.access.rights import NotAdmitted
from services.access.service import AccessService, ClaimRefused, Person
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
SECRET = "instance and token"
ADA, EVE = Person("1001", "Ada", "en"), Person("1002", "Eve", "es")


def service(owner_id: int | None = None, *, open_access: bool = False) -> AccessService:
    return AccessService(owner_id=owner_id, open_access=open_access, claim_secret=SECRET)


async def test_the_owner_is_known_by_id() -> None:
    access = service(1001)
    owner = await access.admit(ADA)
    assert (owner.id, owner.role, owner.name, owner.language) == ("1001", Role.OWNER, "Ada", "en")
    assert (await access.admit(ADA)).joined_at == owner.joined_at
    with pytest.raises(NotAdmitted):
        await access.admit(EVE)
    assert await Member.count() == 1


async def test_a_member_becomes_the_owner_when_the_settings_say_so() -> None:
    await member("1001", Role.MEMBER)
    assert (await service(1001).admit(ADA)).role is Role.OWNER
    stored = await Member.get("1001")
    assert stored is not None
    assert stored.role is Role.OWNER


async def test_who_owned_it_before_is_a_member_when_they_come() -> None:
    """Also where the new owner has come already, and whoever it was."""
    for former in ("1002", "1003"):
        await member(former, Role.OWNER)
    await member("1001", Role.OWNER)
    access = service(1001)
    assert (await access.admit(EVE)).role is Role.MEMBER
    assert (await access.admit(EVE)).role is Role.MEMBER
    assert (await access.admit(ADA)).role is Role.OWNER
    assert await roles() == {"1001": "owner", "1002": "member", "1003": "owner"}


async def test_where_a_new_owner_comes_there_is_no_other() -> None:
    for former in ("1002", "1003"):
        await member(former, Role.OWNER)
    await member("1004", Role.ADMIN)
    assert (await service(1001).admit(ADA)).role is Role.OWNER
    assert await roles() == {"1001": "owner", "1002": "member", "1003": "member", "1004": "admin"}


async def test_who_claimed_it_stays_the_owner_while_the_settings_name_nobody() -> None:
    access = service()
    await access.claim(await access.claim_code() or "", EVE)
    assert (await service().admit(EVE)).role is Role.OWNER


async def test_who_claimed_it_cannot_claim_it_back() -> None:
    access = service()
    code = await access.claim_code() or ""
    await access.claim(code, EVE)
    with pytest.raises(ClaimRefused):
        await service(1001).claim(code, EVE)
    assert (await service(1001).admit(EVE)).role is Role.MEMBER


async def roles() -> dict[str, str]:
    return {one.id: one.role.value for one in await Member.find_all().to_list()}


async def test_no_other_number_is_the_owner() -> None:
    for number in ("101", "10010", "-1001", "1001 "):
        with pytest.raises(NotAdmitted):
            await service(1001).admit(Person(number, "x", "en"))


async def test_strangers_are_not_kept() -> None:
    with pytest.raises(NotAdmitted):
        await service().admit(EVE)
    assert await Member.count() == 0


async def test_with_open_access_everybody_is_a_guest() -> None:
    access = service(1001, open_access=True)
    assert (await access.admit(EVE)).role is Role.GUEST
    assert (await access.admit(ADA)).role is Role.OWNER


async def test_guests_stay_outside_when_the_door_is_closed_again() -> None:
    await service(open_access=True).admit(EVE)
    with pytest.raises(NotAdmitted):
        await service().admit(EVE)
    assert (await service(open_access=True).admit(EVE)).role is Role.GUEST


async def test_adding_does_not_change_who_is_there() -> None:
    access = service()
    assert (await access.add(ADA)).role is Role.MEMBER
    assert (await access.add(ADA, Role.GUEST)).role is Role.MEMBER
    assert (await access.admit(ADA)).role is Role.MEMBER


async def test_a_code_makes_the_owner_once() -> None:
    access = service()
    code = await access.claim_code()
    assert code is not None
    assert len(code) >= 16
    assert (await access.claim(f" {code}\n", ADA)).role is Role.OWNER
    assert (await access.claim(code, ADA)).role is Role.OWNER, "the same person may repeat it"
    with pytest.raises(ClaimRefused):
        await access.claim(code, EVE)
    with pytest.raises(NotAdmitted):
        await access.admit(EVE)
    assert (await access.admit(ADA)).role is Role.OWNER


async def test_of_many_who_send_the_code_at_once_one_owns() -> None:
    access = service()
    code = await access.claim_code()
    people = [Person(str(number), "x", "en") for number in range(20)]
    answers = await asyncio.gather(*(access.claim(code or "", one) for one in people), return_exceptions=True)
    assert sum(isinstance(answer, Member) for answer in answers) == 1
    assert sum(isinstance(answer, ClaimRefused) for answer in answers) == 19
    assert await Member.find({"role": "owner"}).count() == 1


async def test_a_wrong_code_is_refused() -> None:
    access = service()
    for code in ("", " ", "wrong", "ñ", "0" * 16, "\x00"):
        with pytest.raises(ClaimRefused):
            await access.claim(code, EVE)
    assert await Member.count() == 0


async def test_the_code_is_the_same_after_a_restart_and_another_elsewhere() -> None:
    first, again = await service().claim_code(), await service().claim_code()
    other = AccessService(owner_id=None, open_access=False, claim_secret="another instance")
    assert first == again != await other.claim_code()
    assert SECRET not in str(first)


async def test_there_is_no_code_when_there_is_an_owner() -> None:
    assert await service(1001).claim_code() is None
    code = await service().claim_code()
    await member("9", Role.OWNER)
    assert await service().claim_code() is None
    with pytest.raises(ClaimRefused):
        await service().claim(code or "", EVE)


async def test_a_claim_that_a_crash_interrupted_is_finished_by_repeating_it() -> None:
    """The code was taken, and the owner not enrolled yet: nobody else can have it."""
    access = service()
    code = await access.claim_code() or ""
    await access.claim(code, ADA)
    await Member.get_pymongo_collection().delete_one({"_id": ADA.id})
    with pytest.raises(ClaimRefused):
        await access.claim(code, EVE)
    assert (await access.claim(code, ADA)).role is Role.OWNER


async def test_the_code_itself_is_not_stored() -> None:
    access = service()
    code = await access.claim_code()
    await access.claim(code or "", ADA)
    claim = await Claim.get("owner")
    assert claim is not None
    assert str(code) not in claim.model_dump_json()
