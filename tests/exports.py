"""Exported archives, as a test makes them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HASH = "0f" * 32
MEMBER = {"kind": "member", "id": "7", "name": "Eve", "role": "guest", "joined_at": 1}
FILE = {"name": "a", "size": 1, "blake3": HASH, "kind": "video", "title": "a"}
ITEM = {"kind": "item", "id": "a1", "title": "a", "files": [FILE], "member_id": "7", "archived_at": 1}


def sheet(path: Path, *lines: bytes | Mapping[str, Any]) -> Path:
    """A file with these lines between a right first and a right last one."""
    head = b'{"kind":"header","format":"magpie-export","version":1,"made_at":1}'
    body = [head, *(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)]
    data = b"".join(line + b"\n" for line in body)
    end = {"kind": "footer", "count": len(lines), "sha256": hashlib.sha256(data).hexdigest()}
    path.write_bytes(data + json.dumps(end).encode() + b"\n")
    return path
