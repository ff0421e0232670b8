"""Which engine takes an order."""

import time
from collections.abc import Mapping, Sequence

import structlog

from services.downloads.port import Downloader, DownloaderUnreachable, EngineHealth, Source

AUTO = "auto"
_ALWAYS = ("embedded", "telegram")
_PREFERENCE = ("qbittorrent", "aria2", *_ALWAYS)
_HEALTH_SECONDS = 30.0
_log = structlog.get_logger(__name__)


class Engines:
    """The configured engines, the preferred first. `embedded` is always there."""

    def __init__(self, engines: Mapping[str, Downloader], choice: str = AUTO) -> None:
        self._engines = dict(engines)
        self._choice = choice
        self._health: dict[str, tuple[float, EngineHealth]] = {}

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._engines)

    def get(self, name: str) -> Downloader:
        """The engine of that name; DownloaderUnreachable when it is not configured any more."""
        try:
            return self._engines[name]
        except KeyError:
            raise DownloaderUnreachable(name) from None

    async def choose(self, source: Source, *, without: frozenset[str] = frozenset()) -> Downloader:
        """The engine for a Source: the one the settings name, else the first healthy one, else the embedded one.

        A named engine that is away is waited for (DownloaderUnreachable), not replaced behind the owner's back.
        """
        candidates = [
            self._engines[name]
            for name in self._order()
            if name in self._engines and name not in without and self._engines[name].takes(source)
        ]
        for engine in candidates if self._choice == AUTO else candidates[:1]:
            if (await self._healthy(engine)).ok:
                return engine
        raise DownloaderUnreachable(candidates[0].name if candidates else self._choice)

    async def healthy(self) -> Sequence[Downloader]:
        """All that answer."""
        return [engine for engine in self._engines.values() if (await self._healthy(engine)).ok]

    async def health(self) -> Mapping[str, EngineHealth]:
        """How every engine is, asked now."""
        return {name: await engine.health() for name, engine in self._engines.items()}

    def _order(self) -> Sequence[str]:
        # ours come last even when another one is named: they take what that one may not have
        return _PREFERENCE if self._choice == AUTO else (self._choice, *_ALWAYS)

    async def _healthy(self, engine: Downloader) -> EngineHealth:
        asked_at, known = self._health.get(engine.name, (0.0, EngineHealth(ok=False)))
        if known.ok and time.monotonic() - asked_at < _HEALTH_SECONDS:
            return known
        health = await engine.health()
        self._health[engine.name] = (time.monotonic(), health)
        if not health.ok:
            _log.warning("engine-unhealthy", engine=engine.name, problem=health.problem)
        return health
