from services.errors import Fault, MagpieError


class ArchiveRejected(MagpieError):
    """This archive is not opened, not now and not later; `key` says why. It is still the file that was fetched."""


class ArchiveNeedsRoom(MagpieError):
    """Nothing is wrong with it, but what is in it does not fit into the room that was given: give more, or wait."""


class ExtractionFailed(Fault):
    """Our own disk stood in the way: trying again may do."""
