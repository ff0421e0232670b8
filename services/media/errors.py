from services.errors import Fault


class MediaUnreadable(Fault):
    """There is no regular file of ours at this place, or the disk does not give its bytes."""


class PreviewFailed(Fault):
    """No preview at all could be made. Archive the file without."""


class FfmpegMissing(Fault):
    """Neither the system nor the imageio-ffmpeg wheel has an ffmpeg."""
