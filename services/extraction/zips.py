"""Zip archives, read as what they are: bytes from a stranger. Runs in a child process only."""

import lzma
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from services.extraction.refusal import Refusal
from services.extraction.room import Entry, Room

_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCAL = b"PK\x03\x04"
_LOCAL_SIZE = 30
_SPLIT = (b"PK\x07\x08", b"PK00PK\x03\x04")
_MOST_COMMENT = 65_535
_ELSEWHERE = 0xFFFF
"""A disk number that stands in the 64-bit record instead, which zipfile checks."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_BLOCK = 1024 * 1024
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error)


def is_zip(file: BinaryIO) -> bool:
    """Also for one that is cut off, or split."""
    file.seek(0)
    return file.read(4) in {_LOCAL, _END, *(mark[:4] for mark in _SPLIT)} or _end_of(file) is not None


def unpack_zip(path: Path, room: Room) -> None:
    """Raises Refusal."""
    with path.open("rb") as file:
        _refuse_split(file)
        try:
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                room.announce(_entry(info) for info in infos)
                _refuse_overlaps(file, infos, archive.start_dir)
                for info in infos:
                    _copy(archive, info, room)
        except NotImplementedError as error:
            raise Refusal("archive-unsupported") from error
        except _DAMAGED as error:
            raise Refusal("archive-damaged") from error


def _end_of(file: BinaryIO) -> bytes | None:
    """The record at the end that every zip has."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_SIZE - _MOST_COMMENT))
    tail = file.read()
    at = tail.rfind(_END)
    record = tail[at : at + _END_SIZE]
    return record if at >= 0 and len(record) == _END_SIZE else None


def _refuse_split(file: BinaryIO) -> None:
    file.seek(0)
    if file.read(8).startswith(_SPLIT):
        raise Refusal("archive-split")
    end = _end_of(file)
    if end is None:
        raise Refusal("archive-damaged")
    this_disk, first_disk = struct.unpack_from("<HH", end, 4)
    if {this_disk, first_disk} - {0, _ELSEWHERE}:
        raise Refusal("archive-split")


def _entry(info: zipfile.ZipInfo) -> Entry:
    """Refuses what is no plain file or folder, and what has two names."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or "\0" in info.orig_filename:
        raise Refusal("archive-unsafe")
    if info.flag_bits & _ENCRYPTED:
        raise Refusal("archive-encrypted")
    return Entry(_name(info), info.file_size, info.is_dir())


def _name(info: zipfile.ZipInfo) -> str:
    """Old programs write UTF-8 without saying so, and then it is taken for code page 437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _refuse_overlaps(file: BinaryIO, infos: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Entries that share their bytes make terabytes of kilobytes, without any being compressed twice."""
    taken = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < taken:
            raise Refusal("archive-bomb")
        taken = info.header_offset + _header_size(file, info) + info.compress_size
    if taken > end:
        raise Refusal("archive-bomb")


def _header_size(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    file.seek(info.header_offset)
    header = file.read(_LOCAL_SIZE)
    if len(header) < _LOCAL_SIZE or not header.startswith(_LOCAL):
        raise Refusal("archive-damaged")
    name, extra = struct.unpack_from("<HH", header, 26)
    return _LOCAL_SIZE + int(name) + int(extra)


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: Room) -> None:
    if info.is_dir():
        return
    with archive.open(info) as stream, room.create(_name(info)) as target:
        shutil.copyfileobj(stream, target, _BLOCK)
        if target.size != info.file_size:
            raise Refusal("archive-damaged")
