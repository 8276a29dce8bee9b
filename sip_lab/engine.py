"""Runs the lab's container: with the Docker engine that is there, or with our own on a bare Debian machine.

Our own engine makes no bridge and no firewall rule: it changes nothing on the machine but its state folder.
"""

import json
import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

from sip_lab import packages
from sip_lab.ami import Ami
from sip_lab.behaviours import number_for
from sip_lab.errors import LabError
from sip_lab.packages import SUITE, Say

HERE = Path(__file__).parent
BASE = f"debian:{SUITE}-slim"
_TOOLS = ("docker.io", "mmdebstrap")


class NoEngine(LabError):
    """No Docker engine answers, and none can be started here."""


class Engine:
    """One Docker engine; `folder` holds the state of our own, if we had to start it."""

    def __init__(self, folder: Path, say: Say) -> None:
        """Nothing is started yet."""
        self._folder = folder
        self._say = say
        self._environment = dict(os.environ)

    def up(self, state: Path) -> None:
        """Engine, base image, build, start; returns when the lab in the container is ready."""
        self._start()
        self._have_compose()
        self._have_base()
        self._say("building and starting the container")
        self._compose(state, "up", "-d", "--build", "--wait")

    def down(self, state: Path) -> None:
        """Ends the container, and the engine if it is ours."""
        self._environment |= self._address() if self._pid_file.exists() else {}
        if self._answers():
            self._compose(state, "down", "--timeout", "15")
        self._stop()

    @property
    def _pid_file(self) -> Path:
        return self._folder / "docker.pid"

    def _address(self) -> dict[str, str]:
        return {
            "DOCKER_HOST": f"unix://{self._folder}/docker.sock",
            "DOCKER_CONFIG": str(self._folder / "client"),
        }

    def _answers(self) -> bool:
        if shutil.which("docker") is None:
            return False
        return self._run(["docker", "info"], check=False).returncode == 0

    def _start(self) -> None:
        if self._answers():
            return
        if os.geteuid() != 0:
            raise NoEngine(
                "no Docker engine answers: start one, or run this as root on Debian to have one started"
            )
        self._have_tools()
        self._environment |= self._address()
        if self._answers():
            return
        self._clean_after_a_kill()
        self._say("starting a Docker engine of our own")
        self._launch()

    def _launch(self) -> None:
        here = self._folder
        here.mkdir(parents=True, exist_ok=True)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = f"nofile=1024:{min(hard, 1_048_576) if hard != resource.RLIM_INFINITY else 1_048_576}"
        places = ["--data-root", f"{here}/data", "--exec-root", f"{here}/exec", "-p", str(self._pid_file)]
        network = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
        logs = ["--log-opt", "max-size=10m", "--log-opt", "max-file=2"]
        with (here / "dockerd.log").open("a") as log:
            daemon = subprocess.Popen(
                [
                    "dockerd",
                    "-H",
                    f"unix://{here}/docker.sock",
                    *places,
                    *network,
                    *logs,
                    "--default-ulimit",
                    files,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + 30
        while not self._answers():
            if daemon.poll() is not None or time.monotonic() > end:
                raise NoEngine(f"the engine did not start: {(here / 'dockerd.log').read_text()[-800:]}")
            time.sleep(0.1)

    def _stop(self) -> None:
        """Ends the engine that we started."""
        if not self._pid_file.exists():
            return
        pid = int(self._pid_file.read_text())
        try:
            os.kill(pid, 15)
        except ProcessLookupError:
            self._pid_file.unlink()
        end = time.monotonic() + 20
        while self._pid_file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        self._unmount()

    def _clean_after_a_kill(self) -> None:
        """A zombie still counts as running for a pid file; mounts of a killed engine stay."""
        for leftover in (self._pid_file, self._folder / "exec/containerd/containerd.pid"):
            leftover.unlink(missing_ok=True)
        self._unmount()

    def _unmount(self) -> None:
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((m for m in mounts if m.startswith(f"{self._folder}/")), reverse=True):
            self._run(["umount", "-l", mount], check=False)

    def _have_tools(self) -> None:
        if shutil.which("dockerd") and shutil.which("mmdebstrap"):
            return
        self._say(f"installing {', '.join(_TOOLS)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
        self._run(["apt-get", "-q", "update"])
        self._run([*apt, "install", "--no-install-recommends", *_TOOLS], extra=quiet)

    def _have_compose(self) -> None:
        """Debian 12 has no compose plugin: one file out of the lab's suite does."""
        if self._run(["docker", "compose", "version"], check=False).returncode == 0:
            return
        self._say("fetching the compose plugin")
        if "DOCKER_CONFIG" not in self._environment:
            self._environment["DOCKER_CONFIG"] = str(self._folder / "client")
        place = Path(self._environment["DOCKER_CONFIG"]) / "cli-plugins"
        place.mkdir(parents=True, exist_ok=True)
        packages.fetch_file(
            "docker-compose", "usr/libexec/docker/cli-plugins/docker-compose", place, self._say
        )

    def _have_base(self) -> None:
        """Without a registry the base image is made from the machine's Debian mirror."""
        if self._run(["docker", "image", "inspect", BASE], check=False).returncode == 0:
            return
        if shutil.which("mmdebstrap") is None:
            return
        self._say(f"making the base image {BASE} from the Debian mirror")
        options = [f'--aptopt={key} "{value}"' for key, value in packages.machine_options().items()]
        make = ["mmdebstrap", "-q", "--format=tar", "--variant=minbase", *options, SUITE, "-"]
        with subprocess.Popen([*make, packages.machine_source().uri], stdout=subprocess.PIPE) as making:
            done = subprocess.run(
                ["docker", "import", "-", BASE],
                stdin=making.stdout,
                env=self._environment,
                capture_output=True,
                check=False,
            )
        if making.returncode or done.returncode:
            raise LabError(f"the base image could not be made: {done.stderr.decode()[-400:]}")

    def _compose(self, state: Path, *arguments: str) -> None:
        command = ["docker", "compose", "-f", str(HERE / "compose.yaml"), *arguments]
        self._run(command, extra={"SIP_LAB_STATE": str(state)})

    def _run(
        self, command: list[str], *, check: bool = True, extra: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = self._environment | (extra or {})
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if check and done.returncode:
            raise LabError(f"{' '.join(command[:4])} failed:\n{done.stdout[-800:]}\n{done.stderr[-1500:]}")
        return done


def check(state: Path) -> str:
    """Places one call through the container's pbx to its carrier, and says how it ended."""
    facts = json.loads((state / "lab.json").read_text())
    at = facts["pbx"]
    with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as ami:
        number = number_for("busy", 0)
        channel = f"PJSIP/{number}@{facts['trunk']}"
        place = {"Context": "cadencia-customer", "Exten": "s", "Priority": "1", "Async": "true"}
        ami.send("Originate", (), Channel=channel, ChannelId="lab-docker-check", **place)
        end = ami.wait(lambda e: e.get("Event") == "Hangup" and e.get("Uniqueid") == "lab-docker-check", 10)
    if end.get("TechCause") != "486":
        raise LabError(f"a call to a busy number ended with {end}")
    return f"a call to a busy number ended with {end['TechCause']}, as it should"
