"""Runs the mutants of a copied checkout inside one pytest process: minutes where a process each takes hours.

The tool makes the mutants and switches them. The tests are collected once; of each mutant only those run that
reach its function, first those that have noticed most. What one mutant left behind would show in the others:
at the end all tests must pass again without any. Fates are kept where the tool keeps its own.

Copied beside the tests, so that it imports none from outside of the copy; run there, as a script.
"""

import argparse
import json
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType

import mutmut.__main__ as tool
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths
from mutmut.utils.format_utils import mangled_name_from_mutant_name

CAP = 6.0
"""Seconds of processor time for one mutant; its tests need a part of one when it is none."""
SURVIVED, NOTICED, UNREACHED, TIMED_OUT = 0, 1, 33, 36
"""Exit codes of the tool (its stats.py)."""
_EVERY = 50
"""Mutants between two lines of progress."""


class TooLong(BaseException):
    """This mutant has had its time."""


class Clock:
    """Ends a mutant's tests after CAP. A test may take the exception for a failure of its own."""

    def __init__(self) -> None:
        self.late = False
        signal.signal(signal.SIGVTALRM, self._ring)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        self.late = True
        raise TooLong

    def start(self) -> None:
        self.late = False
        signal.setitimer(signal.ITIMER_VIRTUAL, CAP, 1.0)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


class Verdicts:
    """Hears whether a test has failed."""

    failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed


class Sweep:
    """All mutants, one after the other, in place of pytest's own loop."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.fates: dict[str, int] = {}
        self.wrong = "the tests were not collected"
        """Why the fates are worth nothing; empty once they are worth something."""
        self._clock, self._verdicts = Clock(), Verdicts()
        self._took: dict[str, float] = {}
        self._reaching: dict[str, list[pytest.Item]] = defaultdict(list)
        self._noticed: Counter[tuple[str, str]] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Without mutants, with each, and without again."""
        plugins = session.config.pluginmanager
        plugins.register(self._verdicts)
        plugins.unregister(plugins.get_plugin("terminalreporter"))
        if failing := self._clean(session.items):
            self.wrong = f"fails without a mutant: {failing}"
            return True
        for number, name in enumerate(self.names, start=1):
            self.fates[name] = self._fate(name)
            if number % _EVERY == 0 or number == len(self.names):
                left = sum(fate != NOTICED for fate in self.fates.values())
                print(f"{number} of {len(self.names)}, {left} not noticed", flush=True)
        set_mutant_under_test("")
        after = [item.nodeid for item in session.items if self._fails(item)]
        self.wrong = f"a mutant has left something behind: {after} fail without any" if after else ""
        return True

    def _clean(self, items: Iterable[pytest.Item]) -> str:
        """Which functions each test reaches, and how long it takes; the first that fails."""
        set_mutant_under_test("stats")
        for item in items:
            state()._stats.clear()  # the tool's runner, whose place this takes, does so too
            begun = time.process_time()
            if self._fails(item):
                return item.nodeid
            self._took[item.nodeid] = time.process_time() - begun
            for function in set(state()._stats):
                self._reaching[function].append(item)
        return ""

    def _fate(self, name: str) -> int:
        function = mangled_name_from_mutant_name(name)
        items = sorted(
            self._reaching[function],
            key=lambda item: (-self._noticed[function, item.nodeid], self._took[item.nodeid]),
        )
        if not items:
            return UNREACHED
        set_mutant_under_test(name)
        self._clock.start()
        try:
            by = next((item for item in items if self._fails(item)), None)
        except TooLong:
            by = None
        finally:
            self._clock.stop()
        if self._clock.late:
            return TIMED_OUT
        if by is None:
            return SURVIVED
        self._noticed[function, by.nodeid] += 1
        return NOTICED

    def _fails(self, item: pytest.Item) -> bool:
        self._verdicts.failed = False
        if isinstance(item, pytest.Function):
            item._initrequest()  # fixtures anew, as it runs many times
        runtestprotocol(item, nextitem=None, log=True)
        return self._verdicts.failed


def _made() -> None:
    """The tool's first half: the copy in `mutants`, with every mutant in it."""
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    tool.create_mutants(1)


def main() -> None:
    """Run them, in the folder of the copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("tests", nargs="+")
    asked = parser.parse_args()
    _made()
    metas = [Path("mutants", f"{file}.meta").resolve() for file in asked.files.split(",")]
    told = [json.loads(meta.read_text("utf-8")) for meta in metas]
    only = frozenset(asked.only.split(",")) - {""}
    names = [name for one in told for name in one["exit_code_by_key"] if not only or name in only]
    sweep = Sweep(names)
    os.chdir("mutants")
    quiet = ("--rootdir=.", "-q", "--tb=no", "-p", "no:cacheprovider")
    pytest.main([*quiet, *asked.tests], plugins=[sweep])  # fails, as the tests of mutants do
    if sweep.wrong:
        raise SystemExit(sweep.wrong)
    for meta, one in zip(metas, told, strict=True):
        known = one["exit_code_by_key"]
        known.update({name: sweep.fates[name] for name in known if name in sweep.fates})
        meta.write_text(json.dumps(one), "utf-8")


if __name__ == "__main__":
    main()
