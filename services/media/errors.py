from services.errors import MagpieError


class MediaUnreadable(MagpieError):
    """There is no regular file of ours at this place, or the disk does not give its bytes."""


class PreviewFailed(MagpieError):
    """No preview at all could be made. Archive the file without."""


class FfmpegMissing(MagpieError):
    """Neither the system nor the imageio-ffmpeg wheel has an ffmpeg."""
