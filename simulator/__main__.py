"""Runs the simulator: `python -m simulator [--port 8081] [--data-dir DIR] [--flood on|off|strict] [--local] [--samples] [--works DIR]`."""

import argparse
import ipaddress
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from simulator.app import create_app
from simulator.world import Settings, World

GRACE_SECONDS = 1
WRONG_SETTING = 2


class Server(uvicorn.Server):
    """Says where it listens, and ends what waits before it ends itself."""

    def __init__(self, config: uvicorn.Config, world: World, url: str) -> None:
        super().__init__(config)
        self._world = world
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"simulator listening on {self._url}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._world.stop_waiting()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A wished end is a clean one: the signal is not raised again afterwards."""
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="A local Bot API server with a chat page.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8081, help="0: any free port")
    parser.add_argument("--data-dir", type=Path, default=Path("data/simulator"))
    parser.add_argument("--flood", choices=("on", "off", "strict"), default="on", help="flood limits")
    parser.add_argument(
        "--callback-seconds", type=float, default=15.0, help="how long a press may be answered"
    )
    parser.add_argument(
        "--local", action="store_true", help="takes files of up to 2000 MB, and says where they lie"
    )
    parser.add_argument(
        "--samples",
        action="store_true",
        help="make the sample works at start, not when they are first searched",
    )
    parser.add_argument(
        "--works", type=Path, help="where the sample works lie; several simulators may share them"
    )
    return parser.parse_args()


def loopback(host: str) -> str:
    """The address, or the end of the program: everybody who reaches this server may do everything."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        is_loopback = ipaddress.IPv4Address(address).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        sys.stderr.write(f"simulator: --host {host} is not a loopback address\n")
        sys.exit(WRONG_SETTING)
    return address


def listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.stderr.write(f"simulator: cannot listen on port {port}: {error.strerror}\n")
        sys.exit(WRONG_SETTING)
    return listener


def main() -> None:
    options = arguments()
    listener = listen(loopback(options.host), options.port)
    host, port = listener.getsockname()
    url = f"http://{host}:{port}"
    world = World(Settings(options.data_dir, options.flood, options.callback_seconds, local=options.local))
    config = uvicorn.Config(
        create_app(world, lambda: url, works=options.works, samples_at_start=options.samples),
        log_level="critical",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        Server(config, world, url).run(sockets=[listener])
    finally:
        world.close()


if __name__ == "__main__":
    main()
