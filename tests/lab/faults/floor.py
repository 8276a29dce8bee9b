"""A whole floor whose engine reaches everything over links that can be cut.

As a program (`python -m tests.lab.faults.floor`) it runs the demo so; the class is that program from outside.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from dialer.cli.demo import DemoOptions, demo
from dialer.model.campaign import DialMode
from tests.lab.faults.links import Links
from tests.lab.whole import Whole

LINKS = ("engine-postgres", "engine-valkey", "engine-ami", "engine-detector", "pbx-detector")
ROLES = ("engine", "web", "archive", "progress")
CHILDREN = {"detector": "progress", "archiver": "archive"}
"""Components that the demo's supervisor knows by another name."""


class Floor(Whole):
    """The floor from outside: its processes by the names of components, and its links."""

    program: ClassVar[Sequence[str]] = ("tests.lab.faults.floor",)

    def pids(self, component: str) -> int:
        """Process of a component, as it is now; it leads a group of its own."""
        name = CHILDREN.get(component, component)
        return self.pid(name) if name in ROLES else int(self.lab[component]["pid"])

    def signal(self, component: str, number: signal.Signals) -> None:
        """To a component with all that belongs to it: Postgres is many processes."""
        os.killpg(self.pids(component), number)

    def tell(self, *words: str) -> str:
        """An order to a link; what the link does then."""
        port = int(json.loads((self.state / "demo" / "links.json").read_text()))
        with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
            wire.sendall(" ".join(words).encode() + b"\n")
            return wire.makefile().readline().strip()


def _led(url: str, port: int) -> str:
    parts = urlsplit(url)
    account = f"{parts.username}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{account}127.0.0.1:{port}"))


def _port(url: str) -> int:
    return int(urlsplit(url).port or 0)


def engine_environment(links: Links, env: Mapping[str, str]) -> Mapping[str, str]:
    """The engine's settings, led over the links."""
    through = links.lead(
        {
            "engine-postgres": _port(env["CADENCIA_DATABASE_URL"]),
            "engine-valkey": _port(env["CADENCIA_REDIS_URL"]),
            "engine-ami": int(env["CADENCIA_AMI_PORT"]),
            "engine-detector": int(env["CADENCIA_PROGRESS_CONTROL_PORT"]),
            "pbx-detector": int(env["CADENCIA_PROGRESS_PORT"]),
        }
    )
    return {
        **env,
        "CADENCIA_DATABASE_URL": _led(env["CADENCIA_DATABASE_URL"], through["engine-postgres"]),
        "CADENCIA_REDIS_URL": _led(env["CADENCIA_REDIS_URL"], through["engine-valkey"]),
        "CADENCIA_AMI_PORT": str(through["engine-ami"]),
        "CADENCIA_PROGRESS_CONTROL_PORT": str(through["engine-detector"]),
        "CADENCIA_PROGRESS_ANNOUNCED": f"127.0.0.1:{through['pbx-detector']}",
    }


async def run(options: DemoOptions) -> None:
    """The demo over links, until SIGINT."""
    assert options.state is not None
    links, state = Links(LINKS), options.state
    await links.listen()

    def env_of(role: str, env: Mapping[str, str]) -> Mapping[str, str]:
        (state / "links.json").write_text(str(links.port))
        return engine_environment(links, env) if role == "engine" else env

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    async with asyncio.TaskGroup() as tasks:
        showing = tasks.create_task(demo(options, say, env_of), name="demo")
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, showing.cancel)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bots", type=int, default=6)
    parser.add_argument("--debtors", type=int, default=600)
    parser.add_argument("--talk", type=float, default=4.0)
    given = parser.parse_args()
    options = DemoOptions(
        bots=given.bots,
        debtors=given.debtors,
        tempo=0.3,
        talk=given.talk,
        wrap=1.0,
        seed=given.seed,
        drawn=True,
        keep_heard=True,
        port=0,
        mode=DialMode.POWER,
        state=given.state,
        start=False,
        web_agents=0,
    )
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
