"""Opens strangers' pictures. Runs in child processes only, as `opening.py` does, and without what that needs."""

from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from services.media.formats import MOST_PIXELS, RARE_PICTURES, USUAL_PICTURES
from services.media.sizes import PHOTO_RATIO

PICTURE_ERRORS = (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError)


def image_facts(path: Path) -> dict[str, object] | None:
    """Only what decodes is an image."""
    try:
        with open_picture(path) as image:
            width, height = upright_size(image)
            shrunk(image, 64)
    except PICTURE_ERRORS:
        return None
    return {"kind": "image", "width": width, "height": height}


def open_picture(source: Path | BytesIO) -> Image.Image:
    """An image whose header was read; raises one of PICTURE_ERRORS. Anything above 100 megapixels is refused."""
    Image.preinit()
    try:
        image = Image.open(source, formats=USUAL_PICTURES)
    except UnidentifiedImageError:
        _import_rare()
        image = Image.open(source, formats=RARE_PICTURES)
    if image.width * image.height > MOST_PIXELS:
        raise Image.DecompressionBombError(f"{image.width}x{image.height}")
    return image


def _import_rare() -> None:
    """By name: asked for one that it has not imported yet, Pillow imports all that it has, also what is never opened here."""
    from PIL import AvifImagePlugin, Jpeg2KImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as seen: cameras store pictures lying and note how to turn them."""
    lies = image.getexif().get(ExifTags.Base.Orientation) in {5, 6, 7, 8}
    return (image.height, image.width) if lies else (image.width, image.height)


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """A decoded copy within `side` x `side`, upright, RGB, without metadata; what was transparent is white."""
    if image.mode in {"1", "P", "PA"}:
        image = image.convert("RGBA")
    image.thumbnail((side, side), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def as_photo(image: Image.Image) -> Image.Image:
    """The same, on dark ground where it is narrower than Telegram takes a photo."""
    least = -(-max(image.size) // PHOTO_RATIO)
    size = (max(image.width, least), max(image.height, least))
    if size == image.size:
        return image
    ground = Image.new("RGB", size, "#181818")
    ground.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return ground


def save_jpeg(image: Image.Image, path: Path) -> None:
    image.save(path, "JPEG", quality=85)
