"""Sum over all that is heard, whatever stands around it: `python -m services.media.sound_sum PATH CONTAINER`.

Says the BLAKE3 of the packets of the first sound track, in hexadecimal. Reads the whole file, decodes nothing.
"""

import sys
from pathlib import Path

from blake3 import blake3

from services.media.opening import open_media, sound_of


def main(arguments: list[str]) -> None:
    path, container = Path(arguments[0]), arguments[1]
    digest = blake3()
    with open_media(path, frozenset({container})) as media:
        for packet in media.demux(sound_of(media)):
            data = bytes(packet)
            digest.update(len(data).to_bytes(8, "big") + data)
    sys.stdout.write(digest.hexdigest())


if __name__ == "__main__":
    main(sys.argv[1:])
