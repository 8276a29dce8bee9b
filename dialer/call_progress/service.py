"""The detector as a process: its parts, its ports and its numbers."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Gauge

from dialer.call_progress.announcement_files import load_book
from dialer.call_progress.audio_files import AudioFiles
from dialer.call_progress.audiosocket import Refusal
from dialer.call_progress.control_server import ControlServer
from dialer.call_progress.detector import Detector
from dialer.call_progress.model import Classifier, Model, from_json
from dialer.call_progress.speech import SPARE, VoicePool
from dialer.call_progress.streams import AudioServer
from dialer.settings import Settings

log = structlog.get_logger("detector")

SPARE_STREAMS = 20
"""Connections beyond the calls that may be heard: those that are just being refused."""
_RELOAD_BOOK = 10.0
"""Seconds between looks for new announcements."""


def weights(path: Path | None = None) -> Model:
    """The model of a file, or the one that we ship; raises UnusableWeights or OSError."""
    shipped = files("dialer.call_progress") / "weights" / "default.json"
    return from_json(path.read_text("utf-8") if path else shipped.read_text("utf-8"))


def classifier(settings: Settings) -> Classifier:
    """Ours, or what the setting's 'module:function' makes; raises ImportError or AttributeError."""
    if not settings.progress_classifier:
        return weights(settings.progress_weights)
    module, _, function = settings.progress_classifier.partition(":")
    made: Classifier = getattr(import_module(module), function)()
    return made


class DetectorService:
    """Everything in one place, so that a test can run it as it is."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self.files = AudioFiles(settings.progress_audio, today=lambda: datetime.now(UTC).date())
        self.detector = Detector(
            classifier(settings),
            load_book(settings.announcements),
            VoicePool(settings.progress_streams),
            self.files,
            clock=clock,
        )
        self.audio = AudioServer(
            self.detector.expected, most=settings.progress_streams + SPARE_STREAMS, clock=clock
        )
        self.control = ControlServer(
            settings.progress_secret.get_secret_value(),
            obey=self.detector.obey,
            pong=self.detector.pong,
            unsent=self.detector.unsent,
        )
        self.audio_port = self.control_port = 0
        self.ready = asyncio.Event()
        self.registry = CollectorRegistry()
        self._measure()

    async def run(self) -> None:
        """Serve until cancelled."""
        host = self._settings.progress_host
        await self.detector.make_ahead(SPARE)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.audio.run(host, self._settings.progress_port, self._audio_up))
            tasks.create_task(self.control.run(host, self._settings.progress_control_port, self._control_up))
            tasks.create_task(self.detector.run(), name="detector.clock")
            tasks.create_task(self.detector.keep_ready(), name="detector.voices")
            tasks.create_task(self.files.run(), name="detector.files")
            tasks.create_task(self._reload(), name="detector.announcements")

    def _audio_up(self, port: int) -> None:
        self.audio_port = port
        self._up()

    def _control_up(self, port: int) -> None:
        self.control_port = port
        self._up()

    def _up(self) -> None:
        if self.audio_port and self.control_port:
            log.info("detector.ready", audio=self.audio_port, control=self.control_port)
            self.ready.set()

    async def _reload(self) -> None:
        """New announcements act from the next call on."""
        while True:
            await asyncio.sleep(_RELOAD_BOOK)
            with suppress(OSError):
                self.detector.book = await asyncio.to_thread(load_book, self._settings.announcements)

    def _measure(self) -> None:
        def gauge(name: str, words: str, read: Callable[[], float]) -> None:
            Gauge(f"dialer_progress_{name}", words, registry=self.registry).set_function(read)

        detector = self.detector
        gauge("calls", "calls listened to", lambda: float(len(detector.calls)))
        gauge("frames", "frames of 20 ms heard since the start", lambda: float(self.audio.frames))
        gauge("announcements", "announcements that are known", lambda: float(len(detector.book.entries)))
        gauge("lag_seconds", "how late the detector is", lambda: detector.lag)
        gauge("without_voices", "calls for which no voice detector was free", self._without_voices)
        gauge("audio_not_kept", "clips that could not be written", lambda: float(self.files.failed))
        gauge("untold", "facts that no engine was told in time", lambda: float(detector.unsent.lost))
        gauge("control_refused", "control connections refused", lambda: float(self.control.refused))
        refused = Gauge(
            "dialer_progress_refused", "audio connections refused", ["reason"], registry=self.registry
        )
        for reason in Refusal:
            refused.labels(reason.value).set_function(lambda reason=reason: float(self.audio.refused[reason]))  # type: ignore[misc]
        verdicts = Gauge("dialer_progress_verdicts", "what was heard", ["what"], registry=self.registry)
        for what in ("human", "unsure", "machine", "fax", "tone"):
            verdicts.labels(what).set_function(
                lambda what=what: float(detector.counts.verdicts.get(what, 0))  # type: ignore[misc]
            )

    def _without_voices(self) -> float:
        return float(self.detector.counts.without_voices)
