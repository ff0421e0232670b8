"""Rights: which role has which, and that they are asked for before anything is done."""

import pytest

from models.access import RIGHTS, Member, Right, Role
from services.access.rights import NotAllowed, require

USUAL = {Right.SEARCH, Right.ORDER, Right.RECEIVE, Right.PREFER}
MATRIX = {
    Role.OWNER: set(Right),
    Role.ADMIN: USUAL | {Right.OVERSEE, Right.MANAGE},
    Role.MEMBER: USUAL,
    Role.GUEST: USUAL,
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
async def test_rights(role: Role, right: Right) -> None:
    done = []

    class Case:
        @require(right)
        async def __call__(self, value: int, *, by: Member) -> int:
            done.append(by.id)
            return value + 1

    person = Member.model_construct(id="1", name="x", role=role)
    if right in MATRIX[role]:
        assert await Case()(1, by=person) == 2
        assert done == ["1"]
    else:
        with pytest.raises(NotAllowed):
            await Case()(1, by=person)
        assert done == []
    assert RIGHTS[role] == MATRIX[role]


def test_a_use_case_shows_its_right() -> None:
    @require(Right.MANAGE)
    async def case(*, by: Member) -> None:
        """What it does."""

    assert case.required_right is Right.MANAGE  # type: ignore[attr-defined]
    assert (case.__name__, case.__doc__) == ("case", "What it does.")
