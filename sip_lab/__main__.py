"""The lab's command line: up, down, packages, docker, truth, mix, trunk, call."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sip_lab import (
    callers,
    composed,
    engine,
    images,
    lab,
    layout,
    mix,
    packages,
    place,
    trunks,
    truth,
    voices,
)
from sip_lab.behaviours import BY_NAME, DEFAULT_MIX, Behaviour
from sip_lab.errors import LabError, NoBase, NoEngine, NoPackageSource, NotReady
from sip_lab.plan import SERVICES, TRUNKS, Settings
from sip_lab.rootfs import Rootfs

NOT_HERE = 3
"""Exit code of `engine` where containers cannot run; what goes wrong otherwise has another."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 1 when it failed."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except LabError as trouble:
        print(f"sip_lab: {trouble}", file=sys.stderr)
        return 1


def _say(text: str) -> None:
    print(f"sip_lab: {text}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sip_lab", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start a lab and keep it alive until interrupted")
    _up_options(up)
    up.set_defaults(run=_up)
    down = commands.add_parser("down", help="end the lab of a state folder")
    down.add_argument("--state", type=Path, required=True)
    down.set_defaults(run=_down)
    fetch = commands.add_parser("packages", help="fetch what the lab needs, and nothing else")
    fetch.add_argument(
        "--root", type=Path, help="what is installed below this root is used, only voices are made"
    )
    fetch.set_defaults(run=_packages)
    docker = commands.add_parser("docker", help="compose.yaml: in the background, checked with a call")
    docker.add_argument("--state", type=Path, default=Path("state/lab-docker"), help="(state/lab-docker)")
    docker.add_argument(
        "--down", action="store_true", help="end the containers, and the engine started for them"
    )
    docker.add_argument(
        "--profile", action="append", choices=composed.PROFILES, help="more than one may be given (asterisk)"
    )
    docker.add_argument("--options", default="", help="those of `up`, as one word: '--bots 8 --tempo 0.3'")
    docker.set_defaults(run=_docker)
    asked = commands.add_parser("engine", help="whether containers can run here; exit code 3 and why, if not")
    asked.set_defaults(run=_engine)
    laid = commands.add_parser("lay-out", help="the files of a lab that compose.yaml starts")
    _up_options(laid)
    laid.set_defaults(run=_lay_out)
    told = commands.add_parser("truth", help="print what really happened to every call, as JSON lines")
    told.add_argument("--state", type=Path, required=True)
    told.set_defaults(run=_truth)
    mixed = commands.add_parser("mix", help="change how called numbers behave, from the next call on")
    mixed.add_argument("--state", type=Path, required=True)
    mixed.add_argument("mix", type=_mix, help="such as person=3,busy=1 (weights)")
    mixed.set_defaults(run=_change_mix)
    broken = commands.add_parser("trunk", help="break a trunk or mend it, from the next call on")
    broken.add_argument("--state", type=Path, required=True)
    broken.add_argument("treated", type=_treated, help="such as carrier=congestion, or carrier=works")
    broken.set_defaults(run=_treat_trunk)
    caller = commands.add_parser("call", help="somebody of the public network calls a number of the pbx's")
    caller.add_argument("--state", type=Path, required=True)
    caller.add_argument("--patience", type=int, default=40, help="seconds until they hang up (40)")
    caller.add_argument("caller", help="their number, such as +34600001123")
    caller.add_argument("called", help="the number they call, such as +34910000000")
    caller.set_defaults(run=_call)
    return parser


def _up_options(up: argparse.ArgumentParser) -> None:
    up.add_argument("--state", type=Path, required=True, help="folder for everything the lab keeps")
    up.add_argument("--bots", type=int, default=25, help="bot agents, 0 to 400 (25)")
    up.add_argument("--web-agents", type=int, default=4, help="browser agents, 0 to 99 (4)")
    up.add_argument("--seed", type=int, default=1, help="of the mix of behaviours (1)")
    up.add_argument("--tempo", type=float, default=1.0, help="factor on ring and talk times (1.0)")
    up.add_argument("--mix", type=_mix, default=dict(DEFAULT_MIX), help="such as person=3,busy=1 (weights)")
    up.add_argument("--services", type=_services, default=SERVICES, help=",".join(SERVICES))
    up.add_argument(
        "--legs", type=int, default=420, help="call legs there is media room for, on each side (420)"
    )
    up.add_argument("--fast", action="store_true", help="PostgreSQL without fsync: for throw-away data")
    up.add_argument(
        "--root", type=Path, help="run the programs installed below this root instead of fetching them"
    )
    up.add_argument(
        "--on",
        choices=place.WAYS,
        default=os.environ.get("SIP_LAB_ON") or place.IN_PLACE,
        help="run the programs unpacked in place, or in containers (place, or what SIP_LAB_ON says)",
    )
    up.add_argument("--clips", type=Path, help="folder of clip-000.wav … (8 kHz mono) for the behaviour clip")
    up.add_argument("--keep-heard", action="store_true", help="whoever answers keeps what is heard")
    up.add_argument("--orphan", action="store_true", help=argparse.SUPPRESS)
    up.add_argument("--detach", action="store_true", help="return when the lab is up; end it with `down`")


def _services(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    unknown = set(names) - set(SERVICES)
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(SERVICES)}")
    return names


def _mix(text: str) -> dict[str, int]:
    pairs = [part.partition("=") for part in text.split(",")]
    try:
        weights = {name: int(weight or 1) for name, _, weight in pairs}
    except ValueError as wrong:
        raise argparse.ArgumentTypeError("weights are whole numbers") from wrong
    if not set(weights) <= set(BY_NAME) or sum(weights.values()) <= 0:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(BY_NAME)}")
    return weights


def _treated(text: str) -> tuple[str, Behaviour | None]:
    name, _, how = text.partition("=")
    if name not in TRUNKS or how not in (*BY_NAME, trunks.WORKS):
        raise argparse.ArgumentTypeError(
            f"trunks: {', '.join(TRUNKS)}; {trunks.WORKS}, or one of {', '.join(BY_NAME)}"
        )
    return name, BY_NAME.get(how)


def _up(options: argparse.Namespace) -> int:
    if options.detach:
        return _detach(options.state)
    lab.up(_settings(options), _say, follow_parent=not options.orphan)
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        state=options.state.resolve(),
        services=options.services,
        bots=max(0, min(options.bots, 400)),
        web_agents=max(0, min(options.web_agents, 99)),
        seed=options.seed,
        tempo=options.tempo,
        legs=options.legs,
        fast=options.fast,
        root=options.root,
        on=options.on,
        mix=options.mix,
        keep_heard=options.keep_heard,
        clips=options.clips.resolve() if options.clips else None,
    )


def _detach(state: Path) -> int:
    """Starts the same command in a session of its own and waits until its lab is up."""
    state.mkdir(parents=True, exist_ok=True)
    rest = [argument for argument in sys.argv[1:] if argument != "--detach"]
    log = state / "lab.log"
    with log.open("w") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "sip_lab", *rest, "--orphan"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while not ((state / lab.LAB_FILE).exists() and lab.running_pid(state) == child.pid):
        if child.poll() is not None:
            print(log.read_text(), file=sys.stderr)
            raise NotReady("the lab did not come up")
        time.sleep(0.05)
    _say(f"the lab is up: {state / lab.LAB_FILE} (log: {log})")
    return 0


def _down(options: argparse.Namespace) -> int:
    if not lab.down(options.state.resolve(), _say):
        _say("no lab is running there")
    return 0


def _docker(options: argparse.Namespace) -> int:
    """Up, one call as a proof, and left running; or down."""
    state = options.state.resolve()
    if options.down:
        composed.down(state, _say)
        return 0
    profiles = options.profile or ["asterisk"]
    composed.up(state, profiles, options.options, _say)
    if {"asterisk", "all"} & set(profiles):
        _say(composed.check(state))
    _say(f"it runs: {state / lab.LAB_FILE}; end it with the same command and --down")
    return 0


def _engine(_: argparse.Namespace) -> int:
    try:
        with engine.running(_say) as found:
            images.have_base(found, _say)
            print("ours, started for a while" if found.ours else "one that is there")
    except (NoEngine, NoBase, NoPackageSource) as why:
        print(f"sip_lab: {why}", file=sys.stderr)
        return NOT_HERE
    return 0


def _lay_out(options: argparse.Namespace) -> int:
    layout.lay_out(_settings(options), _say)
    return 0


def _packages(options: argparse.Namespace) -> int:
    rootfs = Rootfs(options.root) if options.root else packages.ensure(_say)
    packages.name_sounds(rootfs)
    cache = packages.cache_home()
    cache.mkdir(parents=True, exist_ok=True)
    voices.ensure(rootfs, cache, _say)
    print(rootfs.path)
    return 0


def _truth(options: argparse.Namespace) -> int:
    facts = json.loads((options.state / lab.LAB_FILE).read_text())
    for call in truth.read(Path(facts["truth_path"])):
        print(json.dumps(call.as_json()))
    return 0


def _change_mix(options: argparse.Namespace) -> int:
    mix.change(options.state.resolve(), options.mix)
    return 0


def _treat_trunk(options: argparse.Namespace) -> int:
    trunks.treat(options.state.resolve(), *options.treated)
    return 0


def _call(options: argparse.Namespace) -> int:
    facts = json.loads((options.state / lab.LAB_FILE).read_text())
    callers.call_in(facts["carrier"], options.caller, options.called, patience=options.patience)
    return 0


if __name__ == "__main__":
    sys.exit(main())
