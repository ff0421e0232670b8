"""What a file's name promises of its content."""

from models.media import Kind

_CLAIMS = {
    Kind.VIDEO: "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg ogv webm wmv",
    Kind.AUDIO: "aac ac3 ape flac m4a mka mp3 oga ogg opus wav wma wv",
    Kind.IMAGE: "avif bmp gif jp2 jpeg jpg png tif tiff webp",
}
_CLAIMED_KIND = {ending: kind for kind, endings in _CLAIMS.items() for ending in endings.split()}


def claimed_kind(suffix: str) -> Kind | None:
    """What a name ending in `suffix` (".mkv") promises; None when it promises none of these."""
    return _CLAIMED_KIND.get(suffix.lower().removeprefix("."))


def is_misnamed(suffix: str, kind: Kind) -> bool:
    """Whether a name ending in `suffix` (".mkv") promises another kind. Containers of sound and of pictures are alike."""
    claimed = claimed_kind(suffix)
    if claimed is None or claimed == kind:
        return False
    return {claimed, kind} != {Kind.VIDEO, Kind.AUDIO}
