"""`cadencia demo`: its options, and its end."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.demo import DemoFailed, DemoOptions, demo
from dialer.cli.running import on_uvloop, say
from dialer.model.campaign import DialMode, Screening
from dialer.wiring.stopping import stop_signals


def run_demo(
    bots: Annotated[int, typer.Option(help="bot agents", min=0, max=200)] = 8,
    debtors: Annotated[int, typer.Option(help="generated debtors", min=1, max=5000)] = 300,
    campaigns: Annotated[
        int, typer.Option(help="campaigns that share debtors and agents", min=1, max=10)
    ] = 1,
    goes_on: Annotated[
        bool,
        typer.Option(
            "--goes-on/--once",
            help="people come back, lists arrive, some pay, some call in, bots hear whom they have; "
            "or one list and nothing else",
        ),
    ] = True,
    tempo: Annotated[float, typer.Option(help="factor on ring and talk times", min=0.1, max=3)] = 1.0,
    talk: Annotated[float, typer.Option(help="mean talk time of the bots, seconds", min=1)] = 20.0,
    wrap: Annotated[float, typer.Option(help="mean wrap-up time of the bots, seconds", min=0.2)] = 5.0,
    seed: Annotated[int, typer.Option(help="of the debtors and the network")] = 1,
    drawn: Annotated[bool, typer.Option(help="numbers that `sip_lab mix` can change while it runs")] = False,
    keep_heard: Annotated[bool, typer.Option(help="keep what the called people hear")] = False,
    port: Annotated[
        int,
        typer.Option(help="of the consoles; the next when taken, the same after a restart", min=0, max=65535),
    ] = 8000,
    screening: Annotated[Screening, typer.Option(help="who listens first")] = Screening.PROGRESS,
    mode: Annotated[DialMode, typer.Option(help="how calls are started")] = DialMode.PREDICTIVE,
    calls_per_agent: Annotated[
        float, typer.Option(help="calls in flight per ready agent, mode power", min=1, max=12)
    ] = 2.0,
    seconds: Annotated[float | None, typer.Option(help="end by itself after this time")] = None,
    start: Annotated[bool, typer.Option(help="start the campaign at once")] = True,
    state: Annotated[Path | None, typer.Option(help="folder for all data; emptied at the start")] = None,
    lab: Annotated[Path | None, typer.Option(help="folder of a laboratory that runs already")] = None,
) -> None:
    """Run a real campaign on this machine: database, cache, two Asterisks, bots and consoles."""
    options = DemoOptions(
        bots=bots,
        debtors=debtors,
        campaigns=campaigns,
        goes_on=goes_on,
        tempo=tempo,
        talk=talk,
        wrap=wrap,
        seed=seed,
        drawn=drawn,
        keep_heard=keep_heard,
        port=port,
        screening=screening,
        mode=mode,
        calls_per_agent=calls_per_agent,
        seconds=seconds,
        start=start,
        state=state,
        lab=lab,
    )

    async def main() -> None:
        async with stop_signals(None) as stop, asyncio.TaskGroup() as tasks:
            showing = tasks.create_task(demo(options, say), name="demo")
            ending = tasks.create_task(_cancel_when(stop, showing), name="demo.end")
            await asyncio.wait([showing])
            ending.cancel()

    why: list[str] = []
    try:
        on_uvloop(main())
    except* DemoFailed as failed:
        why += [str(error) for error in failed.exceptions]
    if why:
        say("; ".join(why))
        raise typer.Exit(1)


async def _cancel_when(stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
    await stop.wait()
    say("ending: no new calls, closing everything")
    task.cancel()
