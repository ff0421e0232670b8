"""What several benchmarks start beside Magpie."""

import socket

from tests.house import House, Process


async def start_plain_bot(house: House) -> Process:
    """The plain bot, on the house's Telegram with the house's token. It ends with the house."""
    env = {"BOT_TOKEN": house.token, "TELEGRAM_API_URL": house.url}
    bot = await Process.start(house.folder / "plain.log", "-m", "benchmarks.plain_bot", env=env)
    house.bots.append(bot)
    return bot


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
