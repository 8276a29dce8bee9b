"""What is mutated, and the tests that must notice. Operators are the tool's own; no line is chosen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """One promise of the product: its code and the tests that guard it."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        """What the names of its functions begin with."""
        return tuple(path.removesuffix(".py").replace("/", ".") + "." for path in self.files)


ENGINE = "tests/unit/dialer/engine"
AREAS = (
    Area("gate", ("portfolio/contact_rules/gate.py",), ("tests/unit/portfolio/contact_rules",)),
    Area(
        "guard",
        ("pacing/guard.py",),
        (
            "tests/unit/pacing/test_guard.py",
            "tests/unit/pacing/test_policies.py",
            "tests/unit/pacing/test_joint.py",
        ),
    ),
    Area("blame", ("dialer/model/outcomes.py", "dialer/model/signalling.py"), ("tests/unit/dialer/model",)),
    Area("reconcile", ("dialer/engine/reconcile.py",), (ENGINE,)),
    Area("bridging", ("dialer/engine/matching.py", "dialer/engine/telephone.py"), (ENGINE,)),
    Area(
        "deadlines", ("dialer/engine/calls.py", "dialer/model/call.py"), (ENGINE, "tests/unit/dialer/model")
    ),
    Area(
        "claims",
        ("dialer/store/claims.py", "dialer/store/list_mix.py"),
        (
            "tests/unit/dialer/store",
            "tests/conformance/test_store_leads.py",
            "tests/conformance/test_store.py",
        ),
    ),
    Area(
        "payment",
        ("portfolio/payments.py",),
        ("tests/integration/portfolio", "tests/integration/consoles/test_events.py"),
    ),
    Area("webhook", ("consoles/routes/events.py",), ("tests/integration/consoles/test_events.py",)),
)
