"""Settings: the environment or `.env`. A wrong one stops the start with one clear line."""

import os
import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import httpx
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from services.downloads.paths import PathMapping
from services.telegram.port import FIRST_CHANNEL

TELEGRAM_API = "https://api.telegram.org"


class WrongSetting(Exception):
    """One line for a person: which setting is wrong, and why. It never shows a secret."""


def _pairs(value: object) -> object:
    """`a=b,c=d` as a tuple of texts; commas separate, blanks do not count."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_pairs)]
_LAST_PORT = 65535
Port = Annotated[int, Field(ge=0, le=_LAST_PORT)]


class Settings(BaseSettings):
    """Everything that can be set. Names are those of the environment, in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    bot_token: SecretStr | None = None
    owner_id: int | None = None
    telegram_api_url: str = TELEGRAM_API
    telegram_local_mode: bool = False
    api_id: Annotated[int, Field(gt=0)] | None = None
    api_hash: SecretStr | None = None
    mtproto_server: str | None = None
    user_session: SecretStr | None = None
    archive_channel: int | None = None
    ledger_channel: int | None = None
    mongodb_url: SecretStr | None = None
    data_dir: Path = Path("data")
    torznab_urls: Listed = Field(default=(), repr=False)
    internet_archive: bool = True
    aria2_url: str | None = None
    aria2_secret: SecretStr = SecretStr("")
    aria2_paths: str = ""
    qbittorrent_url: str | None = None
    qbittorrent_username: str = "admin"
    qbittorrent_password: SecretStr = SecretStr("")
    qbittorrent_paths: str = ""
    qbittorrent_search: bool = True
    downloader: Literal["auto", "embedded", "aria2", "qbittorrent"] = "auto"
    telegram_proxy: SecretStr | None = None
    torrent_interface: str | None = None
    torrent_listen: str | None = None
    allow_private_addresses: bool = False
    simulator_port: Port = 8081
    health_port: Port = 8082
    open_access: bool = False
    stalled_hours: Annotated[float, Field(gt=0, le=24 * 365)] = 6.0
    seed_ratio: Annotated[float, Field(ge=0, le=1000)] = 0.0
    seed_hours: Annotated[float, Field(ge=0, le=24 * 365)] = 0.0
    downloads_at_once: Annotated[int, Field(ge=1, le=100)] = 5
    link_limit_mb: Annotated[int, Field(ge=1)] = 51_200
    verify_per_hour: Annotated[int, Field(ge=0, le=3600)] = 60
    search_seconds: Annotated[float, Field(gt=0, le=120)] = 15.0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _looks_like_a_token(value.get_secret_value()):
            raise ValueError("is not a bot token: @BotFather gives one like 123456:ABC…")
        return value

    @field_validator("api_hash")
    @classmethod
    def _hash(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _looks_like_a_hash(value.get_secret_value()):
            raise ValueError("is not an api_hash: my.telegram.org gives 32 characters, 0-9 and a-f")
        return value

    @field_validator("user_session")
    @classmethod
    def _session(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _looks_like_a_session(value.get_secret_value()):
            raise ValueError("is not a session string: `magpie login` prints one")
        return value

    @field_validator("telegram_api_url", "mtproto_server", "aria2_url", "qbittorrent_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        return value if value is None else _web_address(value)

    @field_validator("telegram_proxy")
    @classmethod
    def _proxy(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is None else SecretStr(_web_address(value.get_secret_value()))

    @field_validator("ledger_channel")
    @classmethod
    def _channel(cls, value: int | None) -> int | None:
        if value is not None and value >= FIRST_CHANNEL:
            raise ValueError("is not the id of a channel, such as -1001234567890")
        return value

    @field_validator("mongodb_url")
    @classmethod
    def _mongodb(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_mongodb_address(value.get_secret_value())
        return value

    @field_validator("torznab_urls")
    @classmethod
    def _torznab(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            name, _, url = entry.partition("=")
            if not name.strip() or not _is_web_address(url):
                raise ValueError("must be a list like name=http://host:1234/api?apikey=…,other=…")
        if len({entry.partition("=")[0] for entry in value}) < len(value):
            raise ValueError("has the same name twice")
        return value

    @field_validator("aria2_paths", "qbittorrent_paths")
    @classmethod
    def _paths(cls, value: str) -> str:
        try:
            PathMapping.parse(value)
        except ValueError:
            raise ValueError("must be a list of absolute folders like /theirs:/ours") from None
        return value

    @field_validator("torrent_listen")
    @classmethod
    def _listen(cls, value: str | None) -> str | None:
        if value is not None and not _looks_like_places_to_listen(value):
            raise ValueError("must be a list of address:port like 0.0.0.0:6881,[::]:6881")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.downloader == "aria2" and self.aria2_url is None:
            raise ValueError("DOWNLOADER is aria2, but ARIA2_URL is not set")
        if self.downloader == "qbittorrent" and self.qbittorrent_url is None:
            raise ValueError("DOWNLOADER is qbittorrent, but QBITTORRENT_URL is not set")
        if (self.api_id is None) != (self.api_hash is None):
            raise ValueError("API_ID and API_HASH belong together: set both, or none")
        if self.api_id is not None and self._is_proxy_by_https:
            raise ValueError("TELEGRAM_PROXY must begin with http:// for MTProto (API_ID)")
        if self.ledger_channel is not None and self.ledger_channel == self.archive_channel:
            raise ValueError("LEDGER_CHANNEL must be another channel than ARCHIVE_CHANNEL")
        # the simulator asks for neither
        if self.user_session is not None and self.api_id is None and self.bot_token is not None:
            raise ValueError("USER_SESSION is set, but API_ID and API_HASH are not")
        return self

    @property
    def _is_proxy_by_https(self) -> bool:
        return self.telegram_proxy is not None and self.telegram_proxy.get_secret_value().startswith("https")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must never be seen: passwords, tokens, keys inside of addresses."""
        kept = (getattr(self, name) for name in type(self).model_fields)
        secrets = [value.get_secret_value() for value in kept if isinstance(value, SecretStr)]
        keys = [entry.partition("apikey=")[2].partition("&")[0] for entry in self.torznab_urls]
        proxy = "" if self.telegram_proxy is None else self.telegram_proxy.get_secret_value()
        return tuple(secret for secret in (*secrets, *keys, urlsplit(proxy).password) if secret)


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Reads the settings. Raises WrongSetting with one line that names the first wrong one."""
    try:
        return Settings(_env_file=env_file)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{env_file}: cannot be read as text ({type(error).__name__})") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "".join(str(part) for part in first["loc"][:1]).upper()
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise WrongSetting(f"{name}: {reason}" if name else reason) from None


def make_data_dir(settings: Settings) -> None:
    """Makes the data folder. Raises WrongSetting when it cannot be."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"DATA_DIR: {settings.data_dir} cannot be used: {error.strerror}") from None
    if not os.access(settings.data_dir, os.W_OK | os.X_OK):
        raise WrongSetting(f"DATA_DIR: {settings.data_dir} cannot be written")


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    try:
        parts = urlsplit(value)
        # httpx refuses hosts that urlsplit takes
        usable = bool(parts.hostname) and parts.port != 0 and bool(httpx.URL(value).host)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise ValueError("must be an address like http://host:1234")
    return value.rstrip("/")


def _is_web_address(value: str) -> bool:
    try:
        _web_address(value)
    except ValueError:
        return False
    return True


def _looks_like_places_to_listen(value: str) -> bool:
    """As libtorrent reads them; one that it cannot read it leaves out, and the engine would not be reached."""
    places = [place.strip() for place in value.split(",") if place.strip()]
    return bool(places) and all(_looks_like_a_place_to_listen(place) for place in places)


def _looks_like_a_place_to_listen(place: str) -> bool:
    """An address or a network interface, and a port; `s` (SSL) and `l` (local network only) may follow it."""
    parts = re.fullmatch(r"(\[[^\]]+\]|[^\s:/\[\]]+):(\d{1,5})[sl]*", place, re.ASCII)
    return parts is not None and _looks_like_a_host_to_listen(parts[1]) and int(parts[2]) <= _LAST_PORT


def _looks_like_a_host_to_listen(host: str) -> bool:
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1])
        elif re.fullmatch(r"[\d.]+", host):
            IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _check_mongodb_address(value: str) -> None:
    if not value.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("must begin with mongodb:// or mongodb+srv://")
    if value.startswith("mongodb+srv://"):
        return  # reading more of it would ask the network
    try:
        parse_uri(value)
    except (PyMongoError, ValueError):
        raise ValueError("must be an address like mongodb://user:password@host:27017/") from None


def _looks_like_a_hash(value: str) -> bool:
    return len(value) == 32 and set(value) <= set("0123456789abcdef")  # noqa: PLR2004 - its length


def _looks_like_a_session(value: str) -> bool:
    """As kurigram writes them, or wrote them once: a few numbers and a key of 256 bytes, in URL-safe Base64."""
    return (
        len(value) in {351, 356, 362}
        and value.isascii()
        and value.replace("-", "").replace("_", "").isalnum()
    )


def _looks_like_a_token(value: str) -> bool:
    number, _, secret = value.partition(":")
    return number.isdigit() and len(secret) >= 20 and not set(secret) & set(" /?#")  # noqa: PLR2004 - they have 35
