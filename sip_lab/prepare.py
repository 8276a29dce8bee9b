"""Lays out the folders and configuration of each service and says how to run it."""

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sip_lab import dialplan, templates
from sip_lab.place import Place
from sip_lab.plan import Plan
from sip_lab.rootfs import Rootfs
from sip_lab.services import Commands, Service, asterisk_answers, listens, postgres_answers, valkey_answers
from sip_lab.voices import MESSAGES

DATABASE = "cadencia"
TREES = Path(__file__).with_name("asterisk")


def postgres(plan: Plan, place: Place) -> Service:
    """PostgreSQL over TCP, loopback only."""
    binaries = place.postgres()
    home = plan.account.folder(plan.home / "postgres", 0o700)
    place.once(_new_cluster(binaries, home / "data"), home, unless=home / "data/PG_VERSION")
    settings = {
        "port": plan.ports.postgres,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "128MB",
        "max_wal_size": "1GB",
        "fsync": "off" if plan.settings.fast else "on",
        "synchronous_commit": "off" if plan.settings.fast else "on",
        "log_min_messages": "warning",
        "timezone": "UTC",
    }
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return Service(
        "postgres",
        [str(binaries / "postgres"), "-D", str(home / "data"), *options],
        home,
        plan.home / "logs/postgres.log",
        lambda: postgres_answers(plan.ports.postgres, DATABASE, DATABASE),
        stop_signal=signal.SIGINT,
    )


def _new_cluster(binaries: Path, data: Path) -> Commands:
    """Makes a cluster beside its place, so that an interrupted attempt is not taken for a cluster."""
    part = str(data.with_suffix(".part"))
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "-E", "UTF8"]
    initdb = [str(binaries / "initdb"), "-D", part, "-U", DATABASE, "-A", "trust", *locale]
    single = [str(binaries / "postgres"), "--single", "-D", part, "postgres"]
    created = f"CREATE DATABASE {DATABASE}\n"
    return [(["rm", "-rf", part], ""), (initdb, ""), (single, created), (["mv", part, str(data)], "")]


def valkey(plan: Plan, place: Place) -> Service:
    """Valkey; its append-only file survives a kill."""
    home = plan.account.folder(plan.home / "valkey", 0o700)
    options = ["--port", str(plan.ports.valkey), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""]
    options += ["--appendonly", "yes", "--daemonize", "no", "--loglevel", "warning"]
    return Service(
        "valkey",
        [str(place.valkey()), *options],
        home,
        plan.home / "logs/valkey.log",
        lambda: valkey_answers(plan.ports.valkey),
    )


def pbx(plan: Plan, rootfs: Rootfs, voices: Path) -> Service:
    """The Asterisk that Cadencia drives."""
    for language in ("es", "en"):
        folder = plan.account.folder(plan.sounds / language)
        for message in MESSAGES:
            shutil.copy(voices / language / f"{message}.wav", folder)
    plan.account.folder(plan.recordings)
    ports = plan.ports
    values = _places(plan, rootfs, "pbx", ports.pbx_media) | {
        "HTTP_PORT": ports.pbx_http,
        "AMI_PORT": ports.pbx_ami,
        "AMI_SECRET": plan.password("pbx-ami"),
        "SIP_PORT": ports.pbx_sip,
        "HEP_PORT": ports.pbx_hep,
        "CARRIER_SIP_PORT": ports.carrier_sip,
        "BACKUP_SIP_PORT": ports.backup_sip,
        "SOUNDS": plan.sounds,
    }
    etc = _asterisk_folders(plan, "pbx")
    templates.render_tree(TREES / "pbx", etc, values)
    (etc / "pjsip_agents.conf").write_text(_agents(plan))
    return _asterisk(
        plan, rootfs, "pbx", lambda: asterisk_answers(ports.pbx_ami, "cadencia", plan.password("pbx-ami"))
    )


def carrier(plan: Plan, rootfs: Rootfs, voices: Path) -> Service:
    """The Asterisk that plays the public network, the called people and the bot agents."""
    plan.account.folder(plan.voices.parent)
    plan.voices.unlink(missing_ok=True)
    plan.voices.symlink_to(voices)
    settings, ports = plan.settings, plan.ports
    values = _places(plan, rootfs, "carrier", ports.carrier_media) | {
        "AMI_PORT": ports.carrier_ami,
        "AMI_SECRET": plan.password("carrier-ami"),
        "SIP_PORT": ports.carrier_sip,
        "BACKUP_SIP_PORT": ports.backup_sip,
        "PBX_SIP_PORT": ports.pbx_sip,
        "TELEPHONES_PORT": ports.telephones_sip,
        "TRUTH": plan.truth,
        "VOICES": voices,
        "CLIPS": settings.clips or voices,
        "HEARD": plan.heard,
        "KEEP_HEARD": "yes" if settings.keep_heard else "no",
        "VOICE": dialplan.voice_expression(),
        "SEED": settings.seed,
        "CODES": dialplan.codes(),
        "DRAW": dialplan.draw(settings.mix),  # until it is changed: sip_lab.mix
        "ALL_ON_TRUNK": "",  # until one breaks: sip_lab.trunks
        "TIMES": dialplan.times(settings.tempo),
    }
    etc = _asterisk_folders(plan, "carrier")
    templates.render_tree(TREES / "carrier", etc, values)
    (etc / "pjsip_bots.conf").write_text(_registrations(plan))
    plan.truth.touch()
    plan.account.own(plan.truth)
    return _asterisk(
        plan,
        rootfs,
        "carrier",
        lambda: asterisk_answers(ports.carrier_ami, "lab", plan.password("carrier-ami")),
    )


def ears(plan: Plan) -> Service:
    """The listening telephones, whose files tell to a millisecond when something was heard."""
    ports = plan.ports
    folder = plan.account.folder(plan.heard)
    options = ["--sip", str(ports.ears_sip), "--media", str(ports.ears_media), "--heard", str(folder)]
    return Service(
        "ears",
        [sys.executable, "-m", "sip_lab.ears", *options, *plan.ears],
        plan.home,
        plan.home / "logs/ears.log",
        lambda: listens(ports.ears_sip),
        ours=True,
        environment={"PYTHONPATH": str(Path(__file__).parents[1])},
    )


def telephones(plan: Plan, voices: Path) -> Service:
    """The odd telephones, to which the carrier redirects some numbers."""
    settings, ports = plan.settings, plan.ports
    options = ["--sip", str(ports.telephones_sip), "--heard", str(plan.account.folder(plan.heard))]
    options += ["--truth", str(plan.truth), "--voices", str(voices)]
    options += ["--seed", str(settings.seed), "--tempo", str(settings.tempo)]
    return Service(
        "telephones",
        [sys.executable, "-m", "sip_lab.telephones", *options],
        plan.home,
        plan.home / "logs/telephones.log",
        lambda: listens(ports.telephones_sip),
        ours=True,
        environment={"PYTHONPATH": str(Path(__file__).parents[1])},
    )


def _asterisk_folders(plan: Plan, name: str) -> Path:
    home = plan.account.folder(plan.home / name)
    for part in ("lib", "lib/agi-bin", "lib/keys", "spool", "run", "log"):
        plan.account.folder(home / "var" / part)
    for leftover in (home / "var/lib").glob("astdb*"):
        leftover.unlink()  # phones that registered with an earlier lab, at ports of that time
    shutil.rmtree(home / "etc", ignore_errors=True)
    return plan.account.folder(home / "etc", 0o700)


def _places(plan: Plan, rootfs: Rootfs, name: str, media: tuple[int, int]) -> dict[str, object]:
    return {
        "NAME": f"cadencia-{name}",
        "ETC": plan.home / name / "etc",
        "VAR": plan.home / name / "var",
        "MODULES": rootfs.modules,
        "DATA": rootfs.path / "usr/share/asterisk",
        "RTP_FIRST": media[0],
        "RTP_LAST": media[1],
    }


def _asterisk(plan: Plan, rootfs: Rootfs, name: str, ready: Callable[[], None]) -> Service:
    conf = plan.home / name / "etc/asterisk.conf"
    return Service(
        name,
        [*rootfs.command("usr/sbin/asterisk"), "-f", "-n", "-C", str(conf)],
        plan.home / name / "var",
        plan.home / f"logs/{name}.log",
        ready,
        environment=rootfs.environment(),
    )


def _agents(plan: Plan) -> str:
    """Endpoint, account and address of every agent. Ears do not register: their address is known."""
    blocks = []
    for kind, aor, names in (("bot", "agent-aor", plan.bots), ("web", "web-aor", plan.webs)):
        for name in names:
            blocks.append(f"[{name}]({kind})\naors = {name}\nauth = {name}\n")
            blocks.append(f"[{name}]({aor})\n")
            blocks.append(f"[{name}]\ntype = auth\nauth_type = userpass\n")
            blocks.append(f"username = {name}\npassword = {plan.password(name)}\n")
    for name in plan.ears:
        blocks.append(f"[{name}](bot)\naors = {name}\n")
        blocks.append(f"[{name}]\ntype = aor\ncontact = sip:{name}@127.0.0.1:{plan.ports.ears_sip}\n")
    return "\n".join(blocks)


def _registrations(plan: Plan) -> str:
    """The bots' side: one registration with the pbx each."""
    blocks = []
    for name in plan.bots:
        blocks.append(f"[{name}]\ntype = auth\nauth_type = userpass\n")
        blocks.append(f"username = {name}\npassword = {plan.password(name)}\n")
        blocks.append(f"[{name}](registration)\noutbound_auth = {name}\n")
        blocks.append(f"client_uri = sip:{name}@127.0.0.1:{plan.ports.pbx_sip}\n")
        blocks.append(f"contact_user = {name.replace('-', '')}\n")
    return "\n".join(blocks)
