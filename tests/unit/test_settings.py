"""Settings: a wrong one stops the start with one line that names it, and no line ever shows a secret."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings, WrongSetting, load_settings

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "123456789:AAplantedSecretOfTheBotTokenxyzABC"
PLANTED = "planted-secret"
SESSION = f"BQ{PLANTED}" + "A" * 346

WRONG = [
    ("BOT_TOKEN", PLANTED),
    ("BOT_TOKEN", f"123:{PLANTED}"),
    ("BOT_TOKEN", f"abc:{PLANTED}-long-enough-to-be-one"),
    ("BOT_TOKEN", f"123456:{PLANTED} with blanks in it"),
    ("OWNER_ID", "@ada"),
    ("OWNER_ID", "1.5"),
    ("TELEGRAM_API_URL", "api.telegram.org"),
    ("TELEGRAM_API_URL", "ftp://api.telegram.org"),
    ("TELEGRAM_API_URL", "http://"),
    ("TELEGRAM_API_URL", "http://host:port"),
    ("TELEGRAM_LOCAL_MODE", "perhaps"),
    ("API_ID", "0"),
    ("API_ID", "many"),
    ("API_HASH", PLANTED),
    ("MTPROTO_SERVER", "127.0.0.1:443"),
    ("USER_SESSION", PLANTED),
    ("USER_SESSION", f"{SESSION}A"),
    ("USER_SESSION", f"{SESSION[:-1]}é"),
    ("USER_SESSION", f"{SESSION[:-1]}/"),
    ("ARCHIVE_CHANNEL", "@movies"),
    ("LEDGER_CHANNEL", "-1234"),
    ("VERIFY_PER_HOUR", "-1"),
    ("MONGODB_URL", f"http://user:{PLANTED}@host/"),
    ("MONGODB_URL", f"mongodb://user:{PLANTED}@host:port/"),
    ("MONGODB_URL", "mongodb://"),
    ("TORZNAB_URLS", f"http://host/api?apikey={PLANTED}"),
    ("TORZNAB_URLS", "a=ftp://host/"),
    ("TORZNAB_URLS", f"a=http://host/?apikey={PLANTED},b"),
    ("TORZNAB_URLS", f"a=http://host/?apikey={PLANTED},a=http://other/"),
    ("TORZNAB_URLS", "=http://host/"),
    ("TORZNAB_URLS", "a=http://"),
    ("TORZNAB_URLS", f"a=http://host:port/api?apikey={PLANTED}"),
    ("TORZNAB_URLS", f"a=http://host:99999/api?apikey={PLANTED}"),
    ("TORZNAB_URLS", f"a=http://1.2.3.999/api?apikey={PLANTED}"),
    ("TORZNAB_URLS", f"a=http://host/,b=http://[::1/api?apikey={PLANTED}"),
    ("ARIA2_URL", "localhost:6800"),
    ("ARIA2_PATHS", "downloads"),
    ("ARIA2_PATHS", "relative:/ours"),
    ("QBITTORRENT_URL", "qbt"),
    ("QBITTORRENT_PATHS", "/only-theirs"),
    ("DOWNLOADER", "transmission"),
    ("TELEGRAM_PROXY", f"user:{PLANTED}@proxy"),
    ("TELEGRAM_PROXY", f"gopher://user:{PLANTED}@proxy"),
    ("TORRENT_LISTEN", "6881"),
    ("TORRENT_LISTEN", "127.0.0.1"),
    ("TORRENT_LISTEN", "127.0.0.1:"),
    ("TORRENT_LISTEN", ":6881"),
    ("TORRENT_LISTEN", "127.0.0.1:port"),
    ("TORRENT_LISTEN", "127.0.0.1:65536"),
    ("TORRENT_LISTEN", "127.0.0.1:-1"),
    ("TORRENT_LISTEN", "127.0.0.999:6881"),
    ("TORRENT_LISTEN", "::1:6881"),
    ("TORRENT_LISTEN", "[::1:6881"),
    ("TORRENT_LISTEN", "[nowhere]:6881"),
    ("TORRENT_LISTEN", "http://127.0.0.1:6881"),
    ("TORRENT_LISTEN", ","),
    ("TORRENT_LISTEN", "127.0.0.1:6881 [::1]:6881"),
    ("ALLOW_PRIVATE_ADDRESSES", "sometimes"),
    ("SIMULATOR_PORT", "65536"),
    ("SIMULATOR_PORT", "-1"),
    ("HEALTH_PORT", "http"),
    ("OPEN_ACCESS", "2"),
    ("DOWNLOADS_AT_ONCE", "0"),
    ("LINK_LIMIT_MB", "0"),
    ("STALLED_HOURS", "0"),
    ("SEED_RATIO", "-1"),
    ("SEED_HOURS", "ten"),
    ("SEARCH_SECONDS", "0"),
    ("SEARCH_SECONDS", "nan"),
    ("LOG_LEVEL", "LOUD"),
    ("LOG_FORMAT", "xml"),
]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of the developer's own must not change what is tested."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = load_settings()
    assert settings.bot_token is None
    assert settings.owner_id is None
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.telegram_local_mode is False
    assert settings.archive_channel is None
    assert settings.mongodb_url is None
    assert settings.data_dir == Path("data")
    assert settings.torznab_urls == ()
    assert settings.downloader == "auto"
    assert (settings.simulator_port, settings.health_port) == (8081, 8082)
    assert settings.open_access is False
    assert settings.allow_private_addresses is False
    assert (settings.log_level, settings.log_format) == ("INFO", "console")
    assert settings.secrets == ()


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as wrong:
        load_settings()
    line = str(wrong.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert PLANTED not in line
    assert wrong.value.__suppress_context__, "pydantic's error holds the input"


def test_a_session_needs_an_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_SESSION", SESSION)
    assert load_settings().user_session == SecretStr(SESSION), "the simulator asks for none"
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    with pytest.raises(WrongSetting, match=r"^USER_SESSION is set, but API_ID and API_HASH are not$"):
        load_settings()
    monkeypatch.setenv("API_ID", "1")
    monkeypatch.setenv("API_HASH", "0" * 32)
    settings = load_settings()
    assert SESSION in settings.secrets
    assert PLANTED not in repr(settings)


def test_mtproto_needs_a_proxy_that_is_spoken_to_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_PROXY", f"https://me:{PLANTED}@proxy.example:3128")
    assert PLANTED in load_settings().secrets
    monkeypatch.setenv("API_ID", "1")
    monkeypatch.setenv("API_HASH", "0" * 32)
    with pytest.raises(WrongSetting, match=r"^TELEGRAM_PROXY must begin with http://"):
        load_settings()
    monkeypatch.setenv("TELEGRAM_PROXY", "http://proxy.example:3128")
    assert load_settings().telegram_proxy is not None


@pytest.mark.parametrize("engine", ["aria2", "qbittorrent"])
def test_a_downloader_that_is_not_set_up_is_named(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOWNLOADER", engine)
    with pytest.raises(WrongSetting, match=f"^DOWNLOADER.*{engine.upper()}_URL"):
        load_settings()


def test_every_setting_can_be_wrong_or_is_free_text() -> None:
    free = {
        "data_dir", "internet_archive", "qbittorrent_search", "aria2_secret", "qbittorrent_username", "qbittorrent_password",
        "torrent_interface",
    }  # fmt: skip
    assert {name.lower() for name, _ in WRONG} | free == set(Settings.model_fields)


@pytest.mark.parametrize(
    "value",
    [
        "127.0.0.1:0",
        "0.0.0.0:6881,[::]:6881",
        " 0.0.0.0:6881 , [fe80::1%eth0]:65535 ",
        "eth0:6881,",
        "[::]:1s,lo:2sl",
    ],
)
def test_where_to_listen_is_said_as_libtorrent_reads_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORRENT_LISTEN", value)
    assert load_settings().torrent_listen == value


def test_what_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BOT_TOKEN": TOKEN,
        "OWNER_ID": "42",
        "TELEGRAM_API_URL": "http://127.0.0.1:8081/",
        "ARCHIVE_CHANNEL": "-1001234",
        "MONGODB_URL": "mongodb://user:pass%40word@a:1,b:2/?replicaSet=rs0",
        "TORZNAB_URLS": " prowlarr=http://host/1/api?apikey=abcd1234 , jackett=https://h/api?t=x&apikey=efgh5678 ,",
        "TELEGRAM_PROXY": "http://user:word@proxy:3128",
        "LOG_LEVEL": "debug",
        "OPEN_ACCESS": "yes",
        "ARIA2_PATHS": "/downloads:/srv/downloads",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    assert settings.owner_id == 42
    assert settings.torznab_urls == (
        "prowlarr=http://host/1/api?apikey=abcd1234",
        "jackett=https://h/api?t=x&apikey=efgh5678",
    )
    assert settings.log_level == "DEBUG"
    assert settings.open_access is True
    assert set(settings.secrets) >= {TOKEN, "abcd1234", "efgh5678", "http://user:word@proxy:3128"}


def test_the_ledger_has_a_channel_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_CHANNEL", "-1001234567890")
    assert load_settings().ledger_channel == -1001234567890
    monkeypatch.setenv("ARCHIVE_CHANNEL", "-1001234567890")
    with pytest.raises(WrongSetting, match="LEDGER_CHANNEL must be another channel"):
        load_settings()


def test_an_empty_setting_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOT_TOKEN", "OWNER_ID", "MONGODB_URL", "HEALTH_PORT"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert settings.bot_token is None
    assert settings.health_port == 8082


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nOWNER_ID=1\nSOMETHING_ELSE=x\n# a comment\n")
    monkeypatch.setenv("OWNER_ID", "2")
    settings = load_settings()
    assert settings.bot_token == SecretStr(TOKEN)
    assert settings.owner_id == 2


def test_a_wrong_line_in_the_file_is_named_alike(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"MONGODB_URL={PLANTED}\n")
    with pytest.raises(WrongSetting, match=r"^MONGODB_URL: must begin with mongodb"):
        load_settings()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"OWNER_ID=1 # caf\xe9\n")
    with pytest.raises(WrongSetting, match=r"^\.env: "):
        load_settings()


def test_printing_the_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("ARIA2_SECRET", PLANTED)
    monkeypatch.setenv("TORZNAB_URLS", f"a=http://h/api?apikey={PLANTED}")
    assert TOKEN not in repr(load_settings())
    assert PLANTED not in repr(load_settings())


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", PLANTED),
        ("TELEGRAM_PROXY", f"gopher://u:{PLANTED}@p"),
        ("TORZNAB_URLS", f"a=http://host:port/api?apikey={PLANTED}"),
        ("TORRENT_LISTEN", f"{PLANTED}:port"),
    ],
)
def test_the_command_ends_with_one_line(command: str, name: str, value: str, tmp_path: Path) -> None:
    done = magpie(command, tmp_path, **{name: value})
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"magpie: {name}: ")
    assert done.stderr.count("\n") == 1
    assert PLANTED not in done.stderr


@pytest.mark.parametrize("kind", ["a file", "not allowed"])
def test_a_data_folder_that_cannot_be_is_named(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" if kind == "a file" else Path("/proc/magpie")
    done = magpie("run", tmp_path, DATA_DIR=str(folder))
    assert done.returncode == 2
    assert done.stderr.startswith("magpie: DATA_DIR: ")
    assert done.stderr.count("\n") == 1


def magpie(command: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", command],
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "SIMULATOR_PORT": "0",
            "HEALTH_PORT": "0",
            **env,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
