"""The detector, put together."""

import asyncio

from dialer.call_progress.model import UnusableWeights
from dialer.call_progress.service import DetectorService
from dialer.engine.pauses import avoid_long_pauses
from dialer.exceptions import SettingUnusable
from dialer.settings import Settings
from dialer.wiring.operations import health_app, operations
from dialer.wiring.stopping import stop_signals


async def run_progress(settings: Settings) -> None:
    """The detector: listens to calls beside the engine, and may die without dropping any."""
    service = _detector_service(settings)
    avoid_long_pauses()
    async with stop_signals() as stop, asyncio.TaskGroup() as tasks:
        app = health_app(service.registry, service.ready.is_set, settings)
        beside = [
            tasks.create_task(service.run(), name="detector"),
            tasks.create_task(operations(app, settings, settings.progress_metrics_port, stop)),
        ]
        await stop.wait()
        for task in beside:
            task.cancel()


def _detector_service(settings: Settings) -> DetectorService:
    try:
        return DetectorService(settings)
    except (ImportError, AttributeError) as error:
        raise SettingUnusable(f"CADENCIA_PROGRESS_CLASSIFIER cannot be used: {error}") from error
    except (UnusableWeights, FileNotFoundError) as error:
        raise SettingUnusable(f"CADENCIA_PROGRESS_WEIGHTS cannot be used: {error}") from error
