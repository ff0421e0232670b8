"""The command line: `magpie run`, `check`, `login`, `grab`, `reindex`, `export`, `import`, `key`, `rebuild`."""

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer

from bot.settings import Settings, WrongSetting, load_settings, make_data_dir
from services.grabbing.port import PostKind

WRONG_SETTING = 2
_CANNOT_GO_ON = 1
_TOO_NEW = "the database was written by a newer Magpie: please update this one"
app = typer.Typer(
    help="Magpie: a self-hosted Telegram bot that finds, fetches and archives.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def run() -> None:
    """Start the bot: on Telegram with BOT_TOKEN, else in the simulator."""
    settings = _settings()
    # what is imported stays: looking for garbage in it would take a fifth of the start
    gc.disable()
    from bot.database import DatabaseAway
    from bot.health import PortTaken
    from bot.inbox import SecondInstance, TokenRefused
    from bot.instance import AlreadyRunning
    from bot.logs import set_up_logs
    from bot.running import run as run_until_stopped
    from bot.simulated import SimulatorFailed
    from services.ledger.keys import KeyDamaged
    from services.migrations import SchemaTooNew
    from services.redaction import Redaction

    gc.freeze()
    gc.enable()
    set_up_logs(settings.log_level, settings.log_format, Redaction(settings.secrets))
    try:
        asyncio.run(run_until_stopped(settings, typer.echo))
    except SchemaTooNew:
        _stop(_TOO_NEW, _CANNOT_GO_ON)
    except (AlreadyRunning, DatabaseAway, KeyDamaged, PortTaken) as error:
        _stop(str(error), _CANNOT_GO_ON)
    except (SecondInstance, SimulatorFailed, TokenRefused) as error:
        _stop(str(error), _CANNOT_GO_ON)
    except Exception:  # noqa: BLE001 - the outermost place: the log tells it, without secrets
        structlog.get_logger(__name__).exception("ended-unexpectedly")
        raise typer.Exit(_CANNOT_GO_ON) from None


@app.command()
def check() -> None:
    """Say what is configured, reachable or missing."""
    settings = _settings()
    from bot.checking import check_everything
    from bot.logs import set_up_logs
    from services.redaction import Redaction

    set_up_logs("ERROR", settings.log_format, Redaction(settings.secrets))
    sound = asyncio.run(check_everything(settings))
    raise typer.Exit(0 if sound else _CANNOT_GO_ON)


@app.command()
def login() -> None:
    """Sign in with your own Telegram account: prints what USER_SESSION is to be."""
    settings = _settings()
    from bot.login import CannotSignIn, NothingToSignInWith, log_in
    from bot.logs import set_up_logs
    from services.redaction import Redaction

    set_up_logs("ERROR", settings.log_format, Redaction(settings.secrets))
    try:
        log_in(settings, typer.echo)
    except NothingToSignInWith as error:
        _stop(str(error), WRONG_SETTING)
    except CannotSignIn as error:
        _stop(str(error), _CANNOT_GO_ON)
    except (KeyboardInterrupt, EOFError):
        _stop("stopped: nobody is signed in", _CANNOT_GO_ON)


@app.command(context_settings={"ignore_unknown_options": True})
def grab(  # noqa: PLR0913, PLR0917 - each is an option
    channel: Annotated[str, typer.Argument(help="@name, t.me/name or -100…")],
    kind: Annotated[
        list[PostKind] | None, typer.Option(help="Only this; may be there more than once.")
    ] = None,
    min_duration: Annotated[str, typer.Option(help="Seconds, or 3m, 1h30m, 3:20.")] = "",
    max_duration: Annotated[str, typer.Option()] = "",
    min_size: Annotated[str, typer.Option(help="Bytes, or 700K, 1.5M, 2G.")] = "",
    max_size: Annotated[str, typer.Option()] = "",
    after: Annotated[str, typer.Option(help="The first day that counts: 2024-01-31, 2024-06, 2024.")] = "",
    before: Annotated[str, typer.Option(help="The first day that does not count any more.")] = "",
    words: Annotated[str, typer.Option(help="Each of them stands in the post.")] = "",
    pattern: Annotated[str, typer.Option(help="A regular expression that finds something in it.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest of what matches.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="The folder; else one with the channel's name, here.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=16, help="Files at the same time.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come.")] = False,
) -> None:
    """Bring the files of a channel into a folder, the newest first, each once. Stopped, it goes on from there."""
    settings = _settings()
    from bot.grab import CannotGrab, NothingToGrabWith, Order, grab_channel, read_wish
    from bot.logs import set_up_logs
    from services.redaction import Redaction

    set_up_logs("CRITICAL", settings.log_format, Redaction(settings.secrets))
    try:
        durations, sizes = (min_duration, max_duration), (min_size, max_size)
        wish = read_wish(frozenset(kind or ()), durations, sizes, (after, before), words, pattern, limit)
        all_came = asyncio.run(
            grab_channel(settings, Order.read(channel, wish, to, at_once), dry_run=dry_run)
        )
    except NothingToGrabWith as error:
        _stop(str(error), WRONG_SETTING)
    except CannotGrab as error:
        _stop(str(error), _CANNOT_GO_ON)
    except KeyboardInterrupt:
        _stop("stopped: the same command goes on from here", _CANNOT_GO_ON)
    raise typer.Exit(0 if all_came else _CANNOT_GO_ON)


@app.command()
def reindex() -> None:
    """Make the index of the library anew, from the database."""
    settings = _settings()
    from bot.database import DatabaseAway
    from bot.logs import set_up_logs
    from bot.reindex import NotMade
    from bot.reindex import reindex as make_index
    from services.migrations import SchemaTooNew
    from services.redaction import Redaction

    set_up_logs("ERROR", settings.log_format, Redaction(settings.secrets))
    try:
        asyncio.run(make_index(settings, typer.echo))
    except SchemaTooNew:
        _stop(_TOO_NEW, _CANNOT_GO_ON)
    except (DatabaseAway, NotMade) as error:
        _stop(str(error), _CANNOT_GO_ON)


@app.command()
def export(target: Annotated[str, typer.Argument(metavar="FILE", help="Or -: the standard output.")]) -> None:
    """Write the library to a file, one JSON object a line: docs/export.md says what it has."""
    settings = _settings()
    from bot.exchange import export_to

    _exchange(settings, export_to(settings, target, _say_aside))


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What `magpie export` has written.")],
    strict: Annotated[bool, typer.Option("--strict", help="All of it, or nothing.")] = False,
) -> None:
    """Add what such a file has and what is not here yet; nothing that is here is changed."""
    settings = _settings()
    from bot.exchange import import_from

    _exchange(settings, import_from(settings, path, typer.echo, strict=strict))


def _exchange(settings: Settings, work: Coroutine[Any, Any, bool]) -> None:
    from bot.database import DatabaseAway
    from bot.exchange import NotExchanged
    from bot.logs import set_up_logs
    from services.migrations import SchemaTooNew
    from services.redaction import Redaction

    # a database that is away is waited for, which should be seen
    set_up_logs("WARNING", settings.log_format, Redaction(settings.secrets))
    try:
        all_went = asyncio.run(work)
    except SchemaTooNew:
        _stop(_TOO_NEW, _CANNOT_GO_ON)
    except (DatabaseAway, NotExchanged) as error:
        _stop(str(error), _CANNOT_GO_ON)
    except KeyboardInterrupt:
        _stop("stopped: the same command again does it whole", _CANNOT_GO_ON)
    raise typer.Exit(0 if all_went else _CANNOT_GO_ON)


def _say_aside(line: str) -> None:
    """The standard output may be what is exported to."""
    typer.echo(line, err=True)


@app.command()
def key() -> None:
    """Show the words from which the key of the ledger is made again. Keep them where the data folder is not."""
    settings = _settings()
    from services.ledger.keys import KeyDamaged, instance_key

    if not sys.stdout.isatty():
        _stop("these words are a secret: they are shown in a terminal only", _CANNOT_GO_ON)
    try:
        typer.echo(instance_key(settings.data_dir).phrase)
    except KeyDamaged as error:
        _stop(str(error), _CANNOT_GO_ON)
    except OSError as error:
        _stop(f"the key cannot be read: {error.strerror}", _CANNOT_GO_ON)


@app.command()
def rebuild(
    phrase_file: Annotated[
        Path | None,
        typer.Option(
            help="A file with the words that magpie key shows. Else the key of DATA_DIR is taken, or asked for."
        ),
    ] = None,
) -> None:
    """Make an empty database again from the ledger channel. Stopped, the same command goes on."""
    settings = _settings()
    from bot.database import DatabaseAway
    from bot.instance import AlreadyRunning
    from bot.logs import set_up_logs
    from bot.rebuild import CannotRebuild, NothingToRebuildFrom, read_key
    from bot.rebuild import rebuild as make_again
    from services.ledger.rebuild import NotEmpty
    from services.migrations import SchemaTooNew
    from services.redaction import Redaction

    set_up_logs("ERROR", settings.log_format, Redaction(settings.secrets))
    try:
        all_counts = asyncio.run(make_again(settings, read_key(settings, phrase_file), typer.echo))
    except SchemaTooNew:
        _stop(_TOO_NEW, _CANNOT_GO_ON)
    except NothingToRebuildFrom as error:
        _stop(str(error), WRONG_SETTING)
    except (AlreadyRunning, CannotRebuild, DatabaseAway, NotEmpty) as error:
        _stop(str(error), _CANNOT_GO_ON)
    except (KeyboardInterrupt, EOFError):
        _stop("stopped: the same command goes on", _CANNOT_GO_ON)
    raise typer.Exit(0 if all_counts else _CANNOT_GO_ON)


def main() -> None:
    # python-telegram-bot: durations as timedelta, the only form its next version has
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    app()


def _settings() -> Settings:
    try:
        settings = load_settings()
        make_data_dir(settings)
        return settings
    except WrongSetting as error:
        _stop(str(error), WRONG_SETTING)


def _stop(line: str, status: int) -> NoReturn:
    sys.stderr.write(f"magpie: {line}\n")
    raise typer.Exit(status)
