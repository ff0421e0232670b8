"""Names of what the library can be asked for, in English and Spanish; tables have them folded."""

from collections.abc import Mapping
from enum import StrEnum

from models.media import Kind
from services.grabbing.wish import folded

FAVOURITES = "favourites"
"""What `in:` may say."""


class Field(StrEnum):
    KIND = "kind"
    TITLE = "title"
    ARTIST = "artist"
    ALBUM = "album álbum"
    FILE = "file"
    TAG = "tag"
    CHANNEL = "channel"
    LANGUAGE = "language"
    CODEC = "codec códec"
    DURATION = "duration"
    SIZE = "size"
    YEAR = "year"
    """Of the work."""
    RESOLUTION = "resolution"
    DATE = "date"
    """When it was archived."""
    PRICE = "price"
    SEASON = "season"
    EPISODE = "episode"
    SERIES = "series"
    IN = "in"


class SortBy(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    SIZE = "size"
    LENGTH = "length"
    WANTED = "wanted"
    ORDER = "order"
    """As episodes, tracks, and the parts of a collection come one after the other."""


class Other(StrEnum):
    """Filters that are no field of their own."""

    BEFORE = "before"
    AFTER = "after"
    SORT = "sort"


def _named(table: Mapping[str, str]) -> dict[str, str]:
    return {folded(name): key for key, names in table.items() for name in names.split()}


_NAMES: Mapping[Field | Other, str] = {
    Field.KIND: "kind type tipo",
    Field.TITLE: "title título",
    Field.ARTIST: "artist performer artista intérprete",
    Field.ALBUM: "album álbum",
    Field.FILE: "file filename archivo fichero",
    Field.TAG: "tag tags etiqueta etiquetas",
    Field.CHANNEL: "channel canal",
    Field.LANGUAGE: "language lang idioma",
    Field.CODEC: "codec códec",
    Field.DURATION: "duration length duración",
    Field.SIZE: "size tamaño",
    Field.YEAR: "year año",
    Field.RESOLUTION: "resolution resolución",
    Field.DATE: "date fecha",
    Field.PRICE: "price precio",
    Field.SEASON: "season temporada",
    Field.EPISODE: "episode episodio capítulo",
    Field.SERIES: "series serie",
    Field.IN: "in en",
    Other.BEFORE: "before antes",
    Other.AFTER: "after since después desde",
    Other.SORT: "sort orden ordenar",
}
FIELDS = {folded(name): key for key, names in _NAMES.items() for name in names.split()}
SPELLED = {folded(name): name for names in _NAMES.values() for name in reversed(names.split())}
"""How the names of fields are written; English where both languages have the same letters."""
EXAMPLES: Mapping[Field | Other, str] = {
    Field.KIND: ":audio",
    Field.TITLE: ':"blue in green"',
    Field.ARTIST: ":davis",
    Field.ALBUM: ':"kind of blue"',
    Field.FILE: ":cover.jpg",
    Field.TAG: ":jazz",
    Field.CHANNEL: ":@movies",
    Field.LANGUAGE: ":es",
    Field.CODEC: ":h264",
    Field.DURATION: ">3m",
    Field.SIZE: "<2g",
    Field.YEAR: ":1950..1960",
    Field.RESOLUTION: ">=720p",
    Field.DATE: ":2024-06",
    Field.PRICE: "<50",
    Field.SEASON: ":2",
    Field.EPISODE: ":5",
    Field.SERIES: ':"the wire"',
    Field.IN: f":{FAVOURITES}",
    Other.BEFORE: ":2024-06",
    Other.AFTER: ":2023",
    Other.SORT: f":{SortBy.NEWEST}",
}
KINDS = _named(
    {
        Kind.VIDEO: "video videos film films movie movies vídeo vídeos película películas",
        Kind.AUDIO: "audio audios music sound sounds song songs música sonido sonidos canción canciones",
        Kind.IMAGE: "image images photo photos picture pictures imagen imágenes foto fotos",
        Kind.DOCUMENT: "document documents book books ebook ebooks text documento documentos libro libros texto",
    }
)
SORTS = _named(
    {
        SortBy.RELEVANCE: "relevance best relevancia",
        SortBy.NEWEST: "newest new date nuevo nuevos reciente recientes fecha",
        SortBy.SIZE: "size largest biggest tamaño",
        SortBy.LENGTH: "length longest duration duración",
        SortBy.WANTED: "wanted popular demanda populares",
        SortBy.ORDER: "order orden",
    }
)
PLACES = _named({FAVOURITES: "favourites favorites favourite favorite favoritos favoritas"})
CODECS = _named({"h264": "x264 avc", "hevc": "h265 x265"})
