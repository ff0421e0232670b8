"""What becomes of a file by its size, before anything of it is there."""

from dataclasses import dataclass

from services.media.splitting import fewest_parts, may_be_cut


@dataclass(frozen=True)
class Taking:
    """Telegram takes files of `most` bytes from us, and with `splits` larger ones in pieces; else they stay on the disk.

    There they are linked, or, with `copies`, copied, as they come from another file system.
    """

    most: int
    splits: bool = False
    copies: bool = False

    def parts_of(self, name: str, size: int) -> int:
        """How many posts a file makes: none when it stays on the disk; a film that is cut fills its parts not quite."""
        if size <= self.most:
            return 1
        if not self.splits:
            return 0
        return fewest_parts(size, self.most) if may_be_cut(name) else -(-size // self.most)

    def beside(self, name: str, size: int) -> int:
        """Bytes that it takes of the disk besides itself while it is stored."""
        return self.beside_of(size, film=may_be_cut(name))

    def beside_of(self, size: int, *, film: bool) -> int:
        """The same, where it is known whether it is a film or music, which may be cut."""
        if size <= self.most:
            return 0
        return size if (film if self.splits else self.copies) else 0
