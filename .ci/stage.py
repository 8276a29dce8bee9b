"""Run the stages of `make test`: one kind of check each, and all of them with a summary.

stage.py run PROGRAM ARGUMENT… [-- PROGRAM ARGUMENT…]…   programs, one after the other
stage.py pytest FOLDER [OPTION…]                          the tests of a folder, if it has any yet
stage.py docker FOLDER [OPTION…]                          the same on the laboratory's containers
stage.py system FOLDER [OPTION…]                          the same on the distribution's own Python
stage.py npm FOLDER SCRIPT…                               scripts of a front end, if it is there yet
stage.py all STAGE…                                       make targets in order until one fails
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "setup"))
import browser
import system_python
import web
from work import CHECKOUT, cache_folder, files_below

STAGE_LIMIT = 55 * 60.0  # seconds after which a stage hangs; the longest, `lab`, takes some 25 minutes here
INTERRUPT_GRACE = 30.0  # seconds for a stage to end what it started
NO_CONTAINERS = 3  # of `sip_lab engine`: none can run here; any other exit code is a fault
TOTALS = (  # the closing lines of pytest and of vitest
    re.compile(r"^=* ?(\d+ (?:passed|failed|error|skipped).*) in [\d.]+s"),
    re.compile(r"^\s*Tests\s+(\d+ .*)$"),
)
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")


@dataclass(frozen=True, slots=True)
class Result:
    """What one stage came to, and how many tests passed and failed where it counts tests."""

    name: str
    code: int
    seconds: float
    counts: Counter[str]


def run_programs(words: list[str]) -> int:
    """Run programs separated by `--` until one fails."""
    command: list[str] = []
    for word in [*words, "--"]:
        if word != "--":
            command.append(word)
            continue
        if code := _call(command):
            return code
        command = []
    return 0


def run_on_system_python(folder: str, options: list[str]) -> int:
    """Run tests on the distribution's own Python, where it is one that Cadencia runs on."""
    if not system_python.PYTHON.exists():
        print(f"{system_python.PROGRAM} is too old or is not there: nothing to try on it")
        return 0
    return run_pytest(folder, options, str(system_python.PYTHON))


def run_on_containers(folder: str, options: list[str]) -> int:
    """Run tests on containers, where there is a Docker engine or one can be started; else say why not."""
    words = [sys.executable, "-m", "sip_lab", "engine"]
    asked = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if asked.returncode == NO_CONTAINERS:
        print(f"{folder} is left out: {(asked.stderr.splitlines() or [''])[-1]}")
        return 0
    if asked.returncode:
        print(asked.stderr, file=sys.stderr)
        return asked.returncode
    return run_pytest(folder, options)


def run_pytest(folder: str, options: list[str], python: str = sys.executable) -> int:
    """Run the tests of a folder, in a temporary folder that no other run shares."""
    if not any((CHECKOUT / folder).rglob("test_*.py")):
        print(f"{folder}: no tests yet")
        return 0
    # Each start of pytest closes its usual place to other OS users; as root, Postgres runs as another one.
    scratch = Path(tempfile.mkdtemp(prefix="cadencia-test-"))
    scratch.chmod(0o755)
    command = [python, "-m", "pytest", "-q", folder, *options, f"--basetemp={scratch / 'pytest'}"]
    code = _call(command)
    if code:
        print(f"what the tests left is in {scratch}")
    else:
        shutil.rmtree(scratch, ignore_errors=True)
    return code


def run_npm(folder: str, scripts: list[str]) -> int:
    """Run scripts of a front end's package.json with the Node that set-up found."""
    if not (CHECKOUT / folder / "package.json").is_file():
        print(f"{folder}: no front end yet")
        return 0
    path = f"{web.node_folder(cache_folder())}{os.pathsep}{os.environ['PATH']}"
    for script in scripts:
        if script == "test" and not any(files_below(CHECKOUT / folder / "test")):
            print(f"{folder}: no tests yet")
            continue
        command = ["npm", "run", "--silent", script]
        env = {"PATH": path, "CI": "1", "NO_COLOR": "1"}
        if code := _call(command, folder, env):
            return code
    return 0


def _call(command: list[str], folder: str = ".", env: Mapping[str, str] | None = None) -> int:
    """Run a program to its end. An interrupt reaches it too: then wait until it has ended what it started."""
    with subprocess.Popen(command, cwd=CHECKOUT / folder, env={**_environment(), **(env or {})}) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                continue


def _environment() -> dict[str, str]:
    """The machine's environment and, where it names no other, the browser that set-up found."""
    programs = {"CADENCIA_CHROMIUM": browser.WRAPPER, "PLAYWRIGHT_NODEJS_PATH": browser.DRIVER}
    ours = {name: str(path) for name, path in programs.items() if path.is_file()}
    return ours | {name: value for name, value in os.environ.items() if value}


def run_all(names: list[str]) -> int:
    """Run make targets in order; say how each went; stop at the first that fails."""
    results: list[Result] = []
    for number, name in enumerate(names, 1):
        print(f"--- {name} ({number} of {len(names)})", flush=True)
        results.append(_run_stage(name))
        if results[-1].code:
            break
    return _summary(results, names)


def _run_stage(name: str) -> Result:
    started = time.monotonic()
    # Its own process group, so that a stage that hangs can be ended with all that it started.
    with subprocess.Popen(
        [os.environ.get("MAKE", "make"), "--no-print-directory", name],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        process_group=0,
    ) as stage:
        watchdog = threading.Timer(STAGE_LIMIT, _end, [stage, name])
        watchdog.daemon = True
        watchdog.start()
        try:
            counts = _relay(stage)
        except KeyboardInterrupt:
            threading.Thread(target=_end, args=[stage, name], daemon=True).start()
            _relay(stage)
            raise SystemExit(130) from None
        finally:
            watchdog.cancel()
    return Result(name, stage.returncode, time.monotonic() - started, counts)


def _relay(stage: subprocess.Popen[str]) -> Counter[str]:
    """Pass on what a stage prints until it ends, and count its tests."""
    assert stage.stdout is not None
    counts = Counter[str]()
    for line in stage.stdout:
        print(line, end="", flush=True)
        counts += _counted(line)
    stage.wait()
    return counts


def _end(stage: subprocess.Popen[str], name: str) -> None:
    """End a stage before its time: politely first, then for good."""
    print(f"--- ending {name}", flush=True)
    for step in (signal.SIGINT, signal.SIGKILL):
        os.killpg(stage.pid, step)
        try:
            stage.wait(INTERRUPT_GRACE)
        except subprocess.TimeoutExpired:
            continue
        return


def _counted(line: str) -> Counter[str]:
    """How many tests a closing line of a test runner counts, by what became of them."""
    total = next((hit[1] for pattern in TOTALS if (hit := pattern.match(line))), "")
    return Counter({word: int(number) for number, word in COUNT.findall(total)})


def _summary(results: list[Result], names: list[str]) -> int:
    """Print one line for each stage, and last the total in the words of pytest."""
    print("\nsummary")
    for result in results:
        word = "failed" if result.code else "ok"
        tests = f"{result.counts.total():5} tests" if result.counts else ""
        print(f"  {result.name:<12} {word:<7} {result.seconds:6.1f} s {tests}")
    for name in names[len(results) :]:
        print(f"  {name:<12} not run")
    failed = [result.name for result in results if result.code]
    if failed:
        print(f"stage {failed[0]} failed")
    total = sum((result.counts for result in results), Counter[str]())
    words = ", ".join(f"{number} {word}" for word, number in sorted(total.items())) or "no tests ran"
    print(f"{words} in {sum(result.seconds for result in results):.2f}s")
    return 1 if failed else 0


def main(words: list[str]) -> int:
    """Dispatch to one kind of stage."""
    match words:
        case ["run", *programs]:
            return run_programs(programs)
        case ["pytest", folder, *options]:
            return run_pytest(folder, options)
        case ["docker", folder, *options]:
            return run_on_containers(folder, options)
        case ["system", folder, *options]:
            return run_on_system_python(folder, options)
        case ["npm", folder, *scripts]:
            return run_npm(folder, scripts)
        case ["all", *names]:
            return run_all(names)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
