"""What is told of an error in a handler: one that is nobody's mistake has a code, under which its trace is in the log."""

import pytest
from structlog.testing import capture_logs
from telegram import Update

from bot.assembly import LOCALES
from handlers.buttons import StaleButton
from handlers.errors import _known, _toast
from services.access.rights import NotAllowed
from services.downloads.port import DownloaderUnreachable, SourceRejected
from services.errors import MagpieError
from services.media.errors import FfmpegMissing
from services.search.port import IndexerBusy
from services.telegram.port import AccountLost, TelegramRefused
from services.words import Catalogue

UPDATE = Update(7)


@pytest.mark.parametrize(
    "error",
    [
        DownloaderUnreachable("aria2"),
        IndexerBusy("Prowlarr"),
        AccountLost("SESSION_REVOKED"),
        FfmpegMissing("ffmpeg-missing"),
        TelegramRefused("Bad Request: nothing that people read"),
        ZeroDivisionError(),
    ],
)
def test_what_is_nobodys_mistake_has_a_code_and_its_trace_is_in_the_log(error: Exception) -> None:
    with capture_logs() as lines:
        told = _known(error, UPDATE)
    (line,) = lines
    assert (line["code"], line["exc_info"]) == (told.values["code"], error)
    for language in ("en", "es"):
        toast = _toast(told, Catalogue(LOCALES).words(language))
        assert toast.count(str(told.values["code"])) == 1
        assert len(toast) <= 200
        assert "Bad Request" not in toast


@pytest.mark.parametrize("error", [SourceRejected("link-malformed"), StaleButton(), NotAllowed()])
def test_a_mistake_is_answered_plainly(error: MagpieError) -> None:
    with capture_logs() as lines:
        told = _known(error, UPDATE)
    assert "code" not in told.values
    assert [(line["event"], "exc_info" in line) for line in lines] == [("told", False)]
    assert "\n" not in _toast(told, Catalogue(LOCALES).words("en"))


def test_a_toast_is_cut_before_its_code() -> None:
    long = MagpieError("engine-unreachable", engine="e" * 500, code="ab12cd")
    t = Catalogue(LOCALES).words("en")
    assert _toast(long, t).endswith(f"\n{t('error-code', code='ab12cd')}")
    assert len(_toast(long, t)) == 200
