"""The command line: `magpie run`, `magpie check`, `magpie login`."""

import asyncio
import gc
import os
import sys
from typing import NoReturn

import structlog
import typer

from bot.settings import Settings, WrongSetting, load_settings, make_data_dir

WRONG_SETTING = 2
_CANNOT_GO_ON = 1
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
    from services.migrations import SchemaTooNew
    from services.redaction import Redaction

    gc.freeze()
    gc.enable()
    set_up_logs(settings.log_level, settings.log_format, Redaction(settings.secrets))
    try:
        asyncio.run(run_until_stopped(settings, typer.echo))
    except SchemaTooNew:
        _stop("the database was written by a newer Magpie: please update this one", _CANNOT_GO_ON)
    except (AlreadyRunning, DatabaseAway, PortTaken, SecondInstance, SimulatorFailed, TokenRefused) as error:
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
