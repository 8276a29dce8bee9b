"""Lays out a lab for containers that are started by hand (compose.yaml): files, a script for each service.

It runs in the image itself, as root, before the others. The lab belongs to whoever owns the state folder.
"""

import json
import shlex
import socket
from pathlib import Path

from sip_lab import lab, packages, ports, voices
from sip_lab.account import Account, service_account
from sip_lab.containers import POSTGRES, VALKEY
from sip_lab.packages import Say
from sip_lab.plan import Plan, Settings, secret_of
from sip_lab.ports import Ports
from sip_lab.rootfs import ImageRootfs, Rootfs
from sip_lab.services import FILES, Commands, Service

_START = """\
#!/bin/sh
# Written by the lab: {name}, as user {uid}.
set -eu
umask 022
most=$(ulimit -Hn)
[ "$most" != unlimited ] && [ "$most" -le {files} ] || most={files}
ulimit -Sn "$most"
exec setpriv --reuid={uid} --regid={gid} --clear-groups {work}
"""
_READY = {
    "pbx": "exec asterisk -C {home}/pbx/etc/asterisk.conf -rx 'core waitfullybooted'",
    "carrier": "exec asterisk -C {home}/carrier/etc/asterisk.conf -rx 'core waitfullybooted'",
    "postgres": f"exec {POSTGRES}/pg_isready -q -h 127.0.0.1 -p {{at.postgres}} -U cadencia",
    "valkey": "valkey-cli -p {at.valkey} ping | grep -q PONG",
}
_BASE = "ports"


class Laid:
    """The place of a lab that others will start: programs are named as the images have them."""

    def __init__(self, say: Say) -> None:
        """What is to be done first is kept for the scripts."""
        self._say = say
        self.first: dict[Path, tuple[Commands, Path]] = {}

    def rootfs(self) -> Rootfs:
        """The image's."""
        return ImageRootfs(Path("/"))

    def voices(self) -> Path:
        """The image's: they were made when it was built."""
        return voices.ensure(self.rootfs(), packages.cache_home(), self._say)

    def postgres(self) -> Path:
        """The image's."""
        return POSTGRES

    def valkey(self) -> Path:
        """The image's."""
        return VALKEY

    def once(self, commands: Commands, folder: Path, unless: Path) -> None:
        """When the service is started."""
        self.first[folder] = (commands, unless)

    def around(self, service: Service) -> Service:
        """A script runs it."""
        return service


def lay_out(settings: Settings, say: Say) -> None:
    """Writes configuration, scripts (`services/NAME.sh`, `NAME.ready`) and lab.json into the state folder."""
    state = settings.state
    state.mkdir(parents=True, exist_ok=True)
    if _runs(state):
        say(f"it runs already: {state / lab.LAB_FILE}")
        return
    account = _owner(state)
    plan = Plan(settings, state, account, _ports(settings), secret_of(state))
    place = Laid(say)
    scripts = account.folder(state / "services")
    account.folder(state / "logs")
    for service in lab.services(plan, place, say):
        commands, unless = place.first.get(service.folder, ((), service.folder))
        text = _script(service, account, commands, unless)
        (scripts / f"{service.name}.sh").write_text(text)
        ready = _READY.get(service.name, "true").format(home=plan.home, at=plan.ports)
        (scripts / f"{service.name}.ready").write_text(f"{ready}\n")
    home = account.folder(state / "product")
    (scripts / "as-user.sh").write_text(_started("any program", account, f'env HOME={home} "$@"'))
    lab.write(plan, {}, supervisor=None)
    account.own(state / "secret", state / lab.LAB_FILE)
    say(f"laid out: {state / lab.LAB_FILE}")


def _runs(state: Path) -> bool:
    """Files of a pbx that runs are left as they are."""
    told = state / lab.LAB_FILE
    if not told.exists():
        return False
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", json.loads(told.read_text())["pbx"]["ami_port"])) == 0


def _owner(state: Path) -> Account:
    """Whoever owns the folder; for root's, the ordinary user of every lab, who must be able to enter it."""
    told = state.stat()
    if told.st_uid:
        return Account(str(told.st_uid), told.st_uid, told.st_gid, switch=True)
    state.chmod(told.st_mode | 0o011)
    return service_account()


def _ports(settings: Settings) -> Ports:
    """The same as last time, so that what runs already is not disturbed; else a free block."""
    kept = settings.state / _BASE
    if kept.exists():
        return Ports(int(kept.read_text()), 2 * settings.legs)
    claim = ports.claim(settings.legs)
    claim.release()
    kept.write_text(str(claim.ports.base))
    return claim.ports


def _script(service: Service, account: Account, commands: Commands, unless: Path) -> str:
    """What a container runs: first what has to be done once, then the service, as the lab's user."""
    lines = [f"cd {shlex.quote(str(service.folder))}"]
    for key, value in {"HOME": str(service.folder), "TZ": "UTC", **service.environment}.items():
        lines.append(f"export {key}={shlex.quote(value)}")
    once = [f"printf %s {shlex.quote(text)} | {shlex.join(command)}" for command, text in commands]
    if once:
        lines += [f"if [ ! -e {shlex.quote(str(unless))} ]; then", *once, "fi"]
    lines.append(f"exec {shlex.join(service.command)}")
    return _started(service.name, account, shlex.join(["sh", "-eu", "-c", "\n".join(lines)]))


def _started(name: str, account: Account, work: str) -> str:
    return _START.format(name=name, uid=account.uid, gid=account.gid, files=FILES, work=work)
