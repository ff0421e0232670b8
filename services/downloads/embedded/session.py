"""The libtorrent session: its settings, the addresses it may not talk to, and its alerts in our event loop."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import libtorrent as lt

from services.downloads.embedded.options import TorrentOptions
from services.downloads.networks import PRIVATE_NETWORKS

if TYPE_CHECKING:
    from libtorrent import settings_pack

_ALERTS = lt.alert_category.error | lt.alert_category.status | lt.alert_category.storage
_BLOCKED = 1
_BLOCKS_OF_8_MIB = 8 * 1024 * 1024


class Session:
    """A running libtorrent session whose alerts are handed to `receive` in the event loop, without a thread of ours.

    `guarded`: nothing in it connects to a private address. libtorrent can lift its address filter for one torrent, but
    not for that torrent's web seeds; so what may go there lives in a session of its own.
    """

    def __init__(
        self,
        options: TorrentOptions,
        receive: "Callable[[Session, lt.alert], None]",
        *,
        guarded: bool,
        interface: str | None,
    ) -> None:
        self.lt = lt.session(_network(options, interface) | _guards(guarded=guarded) | _lean())
        self.name = "guarded" if guarded else "open"
        if guarded:
            self.lt.set_ip_filter(private_addresses())
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._awake, self._waker = socket.socketpair()
        self._awake.setblocking(False)
        self._waker.setblocking(False)
        self._loop.add_reader(self._awake, self._drain)
        self.lt.set_alert_fd(self._waker.fileno())

    def close(self) -> None:
        """Ends the session's threads. This blocks the event loop until its connections are closed: see `idle`."""
        self._loop.remove_reader(self._awake)
        del self.lt
        self._awake.close()
        self._waker.close()

    def _drain(self) -> None:
        try:
            self._awake.recv(4096)
        except BlockingIOError:
            return
        for alert in self.lt.pop_alerts():
            self._receive(self, alert)


def idle(stats: lt.session_stats_alert) -> bool:
    """Whether no uTP connection is left. Until then, up to three seconds after a pause, a session cannot end."""
    return not any(count for name, count in stats.values.items() if name.startswith("utp.num_utp_"))


def private_addresses() -> lt.ip_filter:
    """Blocks what our own connections refuse, for torrents that obey the filter."""
    rules = lt.ip_filter()
    for network in PRIVATE_NETWORKS:
        rules.add_rule(str(network[0]), str(network[-1]), _BLOCKED)
    return rules


def interface_present(interface: str) -> bool:
    """Whether this machine has it now: a network interface by name, or one of its addresses."""
    try:
        address = ipaddress.ip_address(interface)
    except ValueError:
        return interface in {name for _, name in socket.if_nameindex()}
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((interface, 0))
        except OSError:
            return False
    return True


def _network(options: TorrentOptions, interface: str | None) -> "settings_pack":
    network: settings_pack = {
        "listen_interfaces": f"{interface}:0" if interface else options.listen,
        "outgoing_interfaces": interface or "",
        "user_agent": "Magpie",
        "enable_dht": options.dht,
        "dht_bootstrap_nodes": "dht.libtorrent.org:25401,router.bittorrent.com:6881,dht.transmissionbt.com:6881",
        "enable_incoming_utp": options.utp,
        "enable_outgoing_utp": options.utp,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "announce_to_all_tiers": True,
        "announce_to_all_trackers": True,
        "stop_tracker_timeout": 1,
        # a job that is paused, or wants more, meets the same peers again
        "min_reconnect_time": 5,
    }
    return network


def _guards(*, guarded: bool) -> "settings_pack":
    guards: settings_pack = {
        "validate_https_trackers": True,
        "ssrf_mitigation": True,
        # in a private network several peers may well stand behind one address
        "allow_multiple_connections_per_ip": not guarded,
    }
    return guards


def _lean() -> "settings_pack":
    """A bot's engine shares a small machine: few threads, few connections, small queues."""
    lean: settings_pack = {
        "alert_mask": _ALERTS,
        "alert_queue_size": 5000,
        "aio_threads": 2,
        "hashing_threads": 1,
        "file_pool_size": 20,
        "connections_limit": 120,
        "max_peerlist_size": 500,
        "max_paused_peerlist_size": 50,
        "max_queued_disk_bytes": _BLOCKS_OF_8_MIB,
        "checking_mem_usage": 64,
        "send_buffer_watermark": 128 * 1024,
        "dht_max_torrents": 200,
        "dht_max_dht_items": 50,
        "dht_max_peers": 100,
        "max_metadata_size": 16 * 1024 * 1024,
    }
    return lean
