"""Names of what is in an archive, made paths below one folder, or refused."""

import re
import unicodedata

from services.extraction.refusal import Refusal

MOST_COMPONENT_BYTES = 255
MOST_PATH_BYTES = 1024
MOST_DEPTH = 32
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_VOLUME = re.compile(r"\.(zip|7z)\.[0-9]{1,4}|\.z[0-9]{2}", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|7z)", re.IGNORECASE)


def may_be_archive(name: str) -> bool:
    """Whether a file of this name is worth asking somebody if it should be extracted. Its content decides later."""
    return re.search(rf"({_ARCHIVE.pattern})$", name, re.IGNORECASE) is not None


def is_volume(name: str) -> bool:
    """Whether the name says that the file is one part of a split archive."""
    return re.search(rf"({_VOLUME.pattern})$", name, re.IGNORECASE) is not None


def safe_path(name: str) -> tuple[str, ...]:
    """The parts of a relative path; raises Refusal for one that leads anywhere else, or nowhere.

    A backslash separates, too: some programs of Windows write them. Names of devices there (`CON`, `aux.txt`) get a `_`
    in front, so that whoever receives the file can save it.
    """
    text = name.replace("\\", "/")
    parts = tuple(part for part in text.split("/") if part not in {"", "."})
    if text.startswith("/") or (parts and _DRIVE.match(parts[0])):
        raise Refusal("archive-unsafe")
    if not parts or len(parts) > MOST_DEPTH or not all(map(_is_safe, parts)):
        raise Refusal("archive-unsafe")
    path = tuple(f"_{part}" if _DEVICE.match(part) else part for part in parts)
    if len("/".join(path).encode()) > MOST_PATH_BYTES:
        raise Refusal("archive-unsafe")
    return path


def _is_safe(part: str) -> bool:
    if part.strip() in {"", ".", ".."}:
        return False
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in part):
        return False
    return len(part.encode()) < MOST_COMPONENT_BYTES
