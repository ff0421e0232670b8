"""Stretches of files."""

import os
from pathlib import Path

import pytest

from services.telegram.window import Window


def test_a_window_is_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    with Window(path, 10, 50) as window:
        assert window.seek(0, os.SEEK_END) == 50
        assert window.read() == b""
        window.seek(0)
        assert window.read(20) + window.read(1000) == bytes(range(10, 60))
        assert window.tell() == 50
        assert (window.readable(), window.seekable(), window.writable()) == (True, True, False)
        with pytest.raises(OSError, match="fileno"):
            window.fileno()
    assert window.closed
