"""Who is signed in, and what they are."""

from dataclasses import dataclass

from simulator.accounts import Account
from simulator.logins import Login
from simulator.world import World


@dataclass(frozen=True, slots=True)
class User:
    """An account that is signed in; a person has a `login`. `file_key` seals what it is given."""

    account: Account
    file_key: str
    login: Login | None = None

    @property
    def id(self) -> int:
        return self.account.id

    @property
    def premium(self) -> bool:
        return self.login is not None and self.login.premium


def user_with(world: World, number: int) -> User:
    """Raises LookupError for whom there is not."""
    bot = world.accounts.bot(number)
    if bot:
        return User(bot, bot.file_key)
    person = world.accounts.person(number)
    if person is None:
        raise LookupError(number)
    login = world.logins.of(number)
    return User(person, login.file_key, login)
