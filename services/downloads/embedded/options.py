"""How the embedded engine behaves; the defaults are what people get."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TorrentOptions:
    """Times in seconds.

    `listen` is libtorrent's `address:port` list, port 0: any. `dht` also switches peer exchange, `utp` the transport over
    UDP. `stall_after`: so long may a job bring nothing before it is called stalled. `seed`: what is complete stays in the
    swarm until it is removed.
    """

    listen: str = "0.0.0.0:0,[::]:0"
    dht: bool = True
    utp: bool = True
    metadata_timeout: float = 90.0
    stall_after: float = 10.0
    save_every: float = 60.0
    seed: bool = False


@dataclass(frozen=True)
class LinkOptions:
    """Limits of the HTTP half: sizes in bytes, times in seconds.

    A body whose length nobody said may have `max_unsized` bytes, and never the last `keep_free` bytes of the disk.
    `read_timeout` is for each read; besides, every `slow_after` seconds must bring `least` bytes, or the attempt ends.
    `retries` counts attempts in a row that brought less than that; between them it waits `backoff`, doubled each time up
    to `longest_backoff`.
    """

    max_link_size: int = 50 * 1024**3
    max_unsized: int = 10 * 1024**3
    keep_free: int = 512 * 1024**2
    at_once: int = 3
    connect_timeout: float = 15.0
    read_timeout: float = 30.0
    slow_after: float = 120.0
    least: int = 64 * 1024
    retries: int = 5
    backoff: float = 1.0
    longest_backoff: float = 30.0
    stall_after: float = 10.0
