"""Archives made on the spot: honest ones, and hostile ones by hand."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from py7zr import SevenZipFile

Content = Mapping[str, bytes]
_LOCAL = "<4sHHHHHIIIHH"
_CENTRAL = "<4sHHHHHHIIIHHHHHII"
_END = "<4sHHHHIIH"


def zipped(path: Path, content: Content, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def seven_zipped(path: Path, content: Content, *, password: str | None = None, hide: bool = False) -> Path:
    """`hide`: the list of files is encrypted, too."""
    with SevenZipFile(path, "w", password=password, header_encryption=hide) as archive:
        for name, data in content.items():
            archive.writestr(data, name)
    return path


def zip_of(path: Path, name: str, mode: int, data: bytes = b"/etc/passwd") -> Path:
    """A zip with one thing of that type in it: a symbolic link, a device."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, data)
    return path


def zip_of_link(path: Path, name: str = "link", target: bytes = b"/etc/passwd") -> Path:
    return zip_of(path, name, stat.S_IFLNK | 0o777, target)


def seven_zip_of_link(path: Path) -> Path:
    link = path.with_name("a-link")
    link.symlink_to("/etc/passwd")
    with SevenZipFile(path, "w") as archive:
        archive.write(link, "link")
    link.unlink()
    return path


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """The same file with some of its bytes changed everywhere."""
    data = path.read_bytes()
    assert len(old) == len(new)
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path


def encrypted_zip(path: Path) -> Path:
    """Says that it needs a password."""
    data = bytearray(zipped(path, {"a.txt": b"secret"}).read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    path.write_bytes(data)
    return path


def disk_number(path: Path, number: int) -> Path:
    """As if it were the last of several."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.rindex(b"PK\x05\x06") + 4, number)
    path.write_bytes(data)
    return path


def lying_zip(path: Path, says: int, size: int) -> Path:
    """One file of `size` zeros that is said to have `says`."""
    zipped(path, {"a.bin": bytes(size)})
    return patched(path, struct.pack("<I", size), struct.pack("<I", says))


def shared_zip(path: Path, copies: int, size: int) -> Path:
    """Many names for the same compressed bytes."""
    packed, crc = _packed(bytes(size)), zlib.crc32(bytes(size))
    body = _local("0", packed, crc, size) + packed
    entries = [_central(f"{n:04}", len(packed), crc, size, 0) for n in range(copies)]
    return _written(path, body, entries)


def quoting_zip(path: Path, copies: int, size: int) -> Path:
    """Each file is the next one's header, quoted, and all that follows: every byte belongs to all files before it."""
    packed, crc = _packed(bytes(size)), zlib.crc32(bytes(size))
    body, total = _local(f"{copies:04}", packed, crc, size) + packed, size
    plain = bytes(size)
    entries: list[tuple[str, int, int, int, int]] = [(f"{copies:04}", len(packed), crc, total, len(body))]
    for number in reversed(range(copies)):
        header = body[: len(body) - entries[-1][1]]
        quote = b"\x00" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + body
        plain = header + plain
        crc, total = zlib.crc32(plain), len(plain)
        body = _local(f"{number:04}", quote, crc, total) + quote
        entries.append((f"{number:04}", len(quote), crc, total, len(body)))
    centrals = [
        _central(name, packed, crc, total, len(body) - at) for name, packed, crc, total, at in entries
    ]
    return _written(path, body, centrals)


def hungry_zip(path: Path) -> Path:
    """LZMA with the largest dictionary there can be: 4 GiB of memory for a few bytes."""
    data = bytearray(zipped(path, {"a.bin": b"x" * 1000}, zipfile.ZIP_LZMA).read_bytes())
    name_and_extra = sum(struct.unpack_from("<HH", data, 26))
    struct.pack_into("<I", data, 30 + name_and_extra + 5, 0xFFFF_FFFF)
    path.write_bytes(data)
    return path


def unknown_method(path: Path) -> Path:
    data = bytearray(zipped(path, {"a.txt": b"text"}, zipfile.ZIP_STORED).read_bytes())
    for mark, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(mark) + method, 97)
    path.write_bytes(data)
    return path


def nested(depth: int, content: Content) -> bytes:
    """A zip in a zip in a zip."""
    data = b""
    for level in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, inner in content.items() if level == 0 else {"inner.zip": data}.items():
                archive.writestr(name, inner)
        data = buffer.getvalue()
    return data


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _local(name: str, packed: bytes, crc: int, size: int) -> bytes:
    raw = name.encode()
    return struct.pack(_LOCAL, b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(packed), size, len(raw), 0) + raw


def _central(name: str, packed: int, crc: int, size: int, offset: int) -> bytes:
    raw = name.encode()
    fields = (20, 20, 0, 8, 0, 33, crc, packed, size, len(raw), 0, 0, 0, 0, 0, offset)
    return struct.pack(_CENTRAL, b"PK\x01\x02", *fields) + raw


def _written(path: Path, body: bytes, centrals: list[bytes]) -> Path:
    listing = b"".join(centrals)
    count = len(centrals)
    path.write_bytes(
        body + listing + struct.pack(_END, b"PK\x05\x06", 0, 0, count, count, len(listing), len(body), 0)
    )
    return path
