"""A qBittorrent that somebody else uses, too, is known in every house: what is theirs is the same after the whole suite."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.engines import QBittorrent, differences
from tests.house import House
from tests.recovery.foreign import add_foreign, everything_foreign, let_everybody_in, settings_for


@pytest.fixture(scope="session")
def shared_qbittorrent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QBittorrent]:
    """One for all tests of this process; when they are through, somebody else's torrents are compared."""
    folder = tmp_path_factory.mktemp("theirs")
    with QBittorrent() as engine:
        let_everybody_in(engine)
        add_foreign(engine, folder)
        before = everything_foreign(engine, folder)
        yield engine
        assert differences(before, everything_foreign(engine, folder)) == []


@pytest.fixture(scope="session", autouse=True)
def _one_server(one_server: None) -> None:
    """For every house but those in which the database is killed with the bot."""


@pytest.fixture(autouse=True)
def _in_every_house(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    # without the program those that need it are skipped, not the others
    with contextlib.suppress(pytest.skip.Exception):
        engine: QBittorrent = request.getfixturevalue("shared_qbittorrent")
        monkeypatch.setattr(House, "everywhere", settings_for(engine))
