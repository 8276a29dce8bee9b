"""The web role, put together."""

from consoles.serve import serve
from consoles.web_deps import Doctor, WebDeps
from dialer.settings import Settings
from dialer.store.bus import RedisBusClient
from dialer.store.clock import SystemClock
from dialer.wiring.database import plain_pool, schema_fits
from dialer.wiring.stopping import stop_signals
from portfolio.rule_packs.shelf import SHELF


async def run_web(settings: Settings, doctor: Doctor | None = None) -> None:
    """Pages, API and websockets. Any number of these may run. The doctor stands above, and is handed in."""
    SHELF.laboratory = settings.laboratory
    await schema_fits(settings)
    bus = RedisBusClient(settings.redis_url.get_secret_value())
    async with plain_pool(settings, "web") as pool, stop_signals() as stop:
        try:
            await serve(WebDeps(settings, pool, bus, SystemClock(), doctor=doctor), stop=stop)
        finally:
            await bus.close()
