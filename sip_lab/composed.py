"""`docker compose` on compose.yaml, where an engine answers and where we start one; left running."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sip_lab import images, lab, packages
from sip_lab.ami import Ami
from sip_lab.behaviours import number_for
from sip_lab.engine import Engine, use
from sip_lab.errors import LabError
from sip_lab.packages import Say
from sip_lab.shares import shares

HERE = Path(__file__).parent
PROFILES = ("asterisk", "stores", "all")


def up(state: Path, profiles: Sequence[str], options: str, say: Say) -> None:
    """Starts the services of some profiles and waits until they are ready; an engine of ours stays, too."""
    state.mkdir(parents=True, exist_ok=True)
    engine, _ = use(say)
    _have_compose(engine, say)
    extra = {
        "SIP_LAB_OPTIONS": options,
        "SIP_LAB_CPU_SHARES": str(shares(os.getpriority(os.PRIO_PROCESS, 0))),
        "SIP_LAB_IMAGE": images.ensure(engine, images.ASTERISK, say),
        "SIP_LAB_STORES_IMAGE": images.ensure(engine, images.STORES, say),
    }
    if "all" in profiles:
        say("building the product's image")
        _compose(engine, state, profiles, "build", "product", extra=extra)
    say(f"starting {', '.join(profiles)}")
    _compose(engine, state, profiles, "up", "--detach", "--no-build", "--wait", extra=extra)


def down(state: Path, say: Say) -> None:
    """Ends and removes the containers; an engine of ours ends, if nothing else runs on it."""
    engine, hold = use(say)
    try:
        _have_compose(engine, say)
        _compose(engine, state, PROFILES, "down", "--timeout", "15")
        (state / lab.LAB_FILE).unlink(missing_ok=True)
    finally:
        if hold is not None:
            hold.release(say)


def project(state: Path) -> str:
    """What its containers are called after: two labs on one engine have two names."""
    return f"cadencia-lab-{hashlib.sha256(str(state).encode()).hexdigest()[:8]}"


def check(state: Path) -> str:
    """Places one call through the pbx to the carrier, and says how it ended."""
    facts = json.loads((state / lab.LAB_FILE).read_text())
    at = facts["pbx"]
    with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as ami:
        channel = f"PJSIP/{number_for('busy', 0)}@{facts['trunk']}"
        place = {"Context": "cadencia-customer", "Exten": "s", "Priority": "1", "Async": "true"}
        ami.send("Originate", (), Channel=channel, ChannelId="lab-docker-check", **place)
        end = ami.wait(lambda e: e.get("Event") == "Hangup" and e.get("Uniqueid") == "lab-docker-check", 10)
    if end.get("TechCause") != "486":
        raise LabError(f"a call to a busy number ended with {end}")
    return f"a call to a busy number ended with {end['TechCause']}, as it should"


def _compose(
    engine: Engine, state: Path, profiles: Sequence[str], *words: str, extra: Mapping[str, str] | None = None
) -> None:
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    told = {"SIP_LAB_STATE": str(state), **(extra or {})}
    named = ("--project-name", project(state), "--file", str(HERE / "compose.yaml"))
    engine.run("compose", *named, *chosen, *words, extra=told)


def _have_compose(engine: Engine, say: Say) -> None:
    """Debian 12 has no compose plugin: one file out of the lab's suite does, for the engine that is ours."""
    if engine.run("compose", "version", check=False).returncode == 0:
        return
    if not engine.ours:
        raise LabError("the docker client has no compose plugin: install it (Debian: docker-compose)")
    say("fetching the compose plugin")
    place = Path(engine.environment["DOCKER_CONFIG"]) / "cli-plugins"
    place.mkdir(parents=True, exist_ok=True)
    member = "usr/libexec/docker/cli-plugins/docker-compose"
    packages.fetch_file("docker-compose", member, place, say)
