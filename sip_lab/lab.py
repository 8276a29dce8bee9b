"""Brings a whole lab up, keeps it, and takes it down."""

import fcntl
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import TextIO

from sip_lab import packages, ports, prepare
from sip_lab.account import service_account
from sip_lab.errors import LabError
from sip_lab.packages import Say
from sip_lab.place import Place, place_of
from sip_lab.plan import TRUNKS, Plan, Settings, home_for, secret_of
from sip_lab.services import Service, contacts_registered, register_again
from sip_lab.supervisor import Supervisor

LAB_FILE = "lab.json"


def up(settings: Settings, say: Say, *, follow_parent: bool = True) -> None:
    """Runs a lab until SIGTERM, SIGINT or, when it follows its parent, the death of whoever started it."""
    os.umask(0o022)
    account = service_account()
    state = settings.state
    home = home_for(state, account)
    lock = _own(state)
    (state / LAB_FILE).unlink(missing_ok=True)
    account.folder(home)
    if home != state:
        say(f"the services' user cannot reach {state}: their data goes to {home}")
    claim = ports.claim(settings.legs)
    plan = Plan(settings, home, account, claim.ports, secret_of(state))
    supervisor = Supervisor(account, say, _Upkeep(plan, say), follow_parent=follow_parent)
    try:
        with place_of(plan, say) as place:
            try:
                _run(plan, place, supervisor, say)
            finally:
                (state / LAB_FILE).unlink(missing_ok=True)
                say("ending everything")
                supervisor.stop()
    finally:
        claim.release()
        lock.close()


class _Upkeep:
    """What a restart of a service asks for."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan = plan
        self._say = say

    def changed(self, pids: dict[str, int]) -> None:
        """Keeps lab.json true once it exists."""
        if (self._plan.settings.state / LAB_FILE).exists():
            write(self._plan, pids, os.getpid())

    def returned(self, name: str) -> None:
        """A pbx that forgot its last phones is told of all bots again."""
        if name != "pbx" or "carrier" not in self._plan.settings.services:
            return
        try:
            register_again(self._plan.ports.carrier_ami, "lab", self._plan.password("carrier-ami"))
        except (OSError, LabError) as trouble:
            self._say(f"the bots register within a minute: {trouble}")


def _own(state: Path) -> TextIO:
    """Takes the state folder's lock and writes our pid into it; a second lab on one folder is refused."""
    handle = (state / "supervisor.lock").open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        handle.close()
        raise LabError(
            f"a lab already runs on {state}: end it with `python -m sip_lab down --state {state}`"
        ) from taken
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def _run(plan: Plan, place: Place, supervisor: Supervisor, say: Say) -> None:
    began = time.monotonic()
    if supervisor.start(services(plan, place, say)) and _bots_ready(plan, supervisor):
        write(plan, supervisor.pids, os.getpid())
        say(f"the lab is up ({time.monotonic() - began:.1f} s): {plan.settings.state / LAB_FILE}")
        supervisor.run()


def services(plan: Plan, place: Place, say: Say) -> list[Service]:
    """Lays everything out that was chosen; the services as the place runs them."""
    chosen = plan.settings.services
    packages.cache_home().mkdir(parents=True, exist_ok=True)
    found: list[Service] = []
    if "pg" in chosen:
        found.append(prepare.postgres(plan, place))
    if "valkey" in chosen:
        found.append(prepare.valkey(plan, place))
    if "pbx" in chosen or "carrier" in chosen:
        _check_hostname(say)
        rootfs, spoken = place.rootfs(), place.voices()
        if "pbx" in chosen:
            found.append(prepare.pbx(plan, rootfs, spoken))
        if "carrier" in chosen:
            found.append(prepare.carrier(plan, rootfs, spoken))
            found.append(prepare.telephones(plan, spoken))
            if plan.ears:
                found.append(prepare.ears(plan))
    return [place.around(service) for service in found]


def _check_hostname(say: Say) -> None:
    """Asterisk looks its own name up when it starts and where it gathers addresses for a browser.

    The other legs are bound to an address, so that a name that does not resolve costs them nothing.
    """
    name = socket.gethostname()
    cure = f"so starting and browser calls are slow; add to /etc/hosts: 127.0.0.1 {name}"
    began = time.monotonic()
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        say(f"WARNING: the host name {name} does not resolve, {cure}")
        return
    if time.monotonic() - began > 0.5:
        say(f"WARNING: the host name {name} resolves slowly, {cure}")


def _bots_ready(plan: Plan, supervisor: Supervisor) -> bool:
    wanted = len(plan.bots)
    if not wanted or not {"pbx", "carrier"} <= set(plan.settings.services):
        return True

    def registered() -> bool:
        try:
            contacts_registered(plan.ports.pbx_ami, "cadencia", plan.password("pbx-ami"), wanted)
        except (OSError, LabError):
            return False
        return True

    return supervisor.until(registered, 60, "the bot agents have not registered")


def write(plan: Plan, pids: dict[str, int], supervisor: int | None) -> None:
    """Writes lab.json, whole or not at all. Without a supervisor others start and end the services."""
    path = plan.settings.state / LAB_FILE
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps({"supervisor_pid": supervisor, **_facts(plan, pids)}, indent=1))
    part.rename(path)


def _facts(plan: Plan, pids: dict[str, int]) -> dict[str, object]:
    at = plan.ports
    dsn = f"postgresql://{prepare.DATABASE}@127.0.0.1:{at.postgres}/{prepare.DATABASE}"
    facts: dict[str, object] = {
        "home": str(plan.home),
        "seed": plan.settings.seed,
        "tempo": plan.settings.tempo,
        "postgres": {"dsn": dsn, "pid": pids.get("postgres")},
        "valkey": {"url": f"redis://127.0.0.1:{at.valkey}/0", "pid": pids.get("valkey")},
        "pbx": {
            "pid": pids.get("pbx"),
            "ami_host": "127.0.0.1",
            "ami_port": at.pbx_ami,
            "ami_user": "cadencia",
            "ami_secret": plan.password("pbx-ami"),
            "sip_port": at.pbx_sip,
            "hep_port": at.pbx_hep,
            "ws_url": f"ws://127.0.0.1:{at.pbx_http}/ws",
            "recordings_dir": str(plan.recordings),
            "sounds": str(plan.sounds),
        },
        "carrier": {
            "pid": pids.get("carrier"),
            "sip_port": at.carrier_sip,
            "ami_host": "127.0.0.1",
            "ami_port": at.carrier_ami,
            "ami_user": "lab",
            "ami_secret": plan.password("carrier-ami"),
            "heard_dir": str(plan.heard),
        },
        "telephones": {"pid": pids.get("telephones"), "sip_port": at.telephones_sip},
        "voices": str(plan.voices),
        "trunk": "carrier",
        "trunks": list(TRUNKS),
        "bots": [{"endpoint": name} for name in plan.bots],
        "ears": [{"endpoint": name} for name in plan.ears],
        "web_agents": [
            {"endpoint": name, "sip_user": name, "sip_password": plan.password(name)} for name in plan.webs
        ],
        "truth_path": str(plan.truth),
    }
    started = {
        "postgres": "pg",
        "valkey": "valkey",
        "pbx": "pbx",
        "carrier": "carrier",
        "telephones": "carrier",
    }
    return {
        key: value for key, value in facts.items() if started.get(key, "") in ("", *plan.settings.services)
    }


def down(state: Path, say: Say, patience: float = 30.0) -> bool:
    """Ends the lab of a state folder and waits for its end; False when none was running."""
    pid = running_pid(state)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + patience
    while running_pid(state) is not None:
        if time.monotonic() > end:
            raise LabError(f"the lab (supervisor {pid}) did not end in {patience:.0f} s")
        time.sleep(0.05)
    say("the lab is down")
    return True


def running_pid(state: Path) -> int | None:
    """The supervisor of a state folder, if one runs: it holds the lock of its own file."""
    path = state / "supervisor.lock"
    if not path.exists():
        return None
    with path.open("r") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(handle.read() or 0) or None
    return None
