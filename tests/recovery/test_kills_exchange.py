"""Killed with SIGKILL while an archive is imported: the same command does the rest."""

import signal
from pathlib import Path

import pytest

from tests.exports import ITEM, MEMBER, sheet
from tests.house import Process
from tests.recovery.killer import sides
from tests.recovery.marks import EXCHANGE

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("mark", sides(*EXCHANGE))
async def test_killed_while_importing(tmp_path: Path, mark: str) -> None:
    items = [{**ITEM, "id": f"a{number}"} for number in range(1200)]
    path = sheet(tmp_path / "all.jsonl", MEMBER, *items)
    env = {"DATA_DIR": str(tmp_path / "data")}
    log = tmp_path / "import.log"
    killed = await Process.fork(log, "bot", "import", str(path), env={**env, "MAGPIE_FAILPOINT": mark})
    assert await killed.ended(60) == -signal.SIGKILL
    again = await Process.fork(log, "bot", "import", str(path), env=env)
    assert await again.ended(60) == 0, again.text()
    known = int(mark.endswith("after"))
    assert f"members: {1 - known} imported, {known} were here already" in again.text()
    assert "items: 1200 imported, 0 were here already" in again.text()
    third = await Process.fork(tmp_path / "third.log", "bot", "import", str(path), env=env)
    assert await third.ended(60) == 0
    assert "items: 0 imported, 1200 were here already" in third.text()
