"""What is mutated, and the tests that must notice. Operators are the tool's own; no line is chosen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """One promise of the product: its code and the tests that guard it."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    postgres: bool = False
    """Whether the tests need one."""

    @property
    def modules(self) -> tuple[str, ...]:
        """What the names of its functions begin with."""
        return tuple(path.removesuffix(".py").replace("/", ".") + "." for path in self.files)


ENGINE = "tests/unit/dialer/engine"
AREAS = (
    # Of each area only the tests that state its rules: what the wide ones notice besides is not counted on.
    Area(
        "gate",
        ("portfolio/contact_rules/gate.py",),
        (
            "tests/unit/portfolio/contact_rules/test_gate.py",
            "tests/unit/portfolio/contact_rules/test_gate_places.py",
            "tests/unit/portfolio/rule_packs/test_dated.py",
        ),
    ),
    Area("guard", ("pacing/guard.py",), ("tests/unit/pacing/test_guard.py",)),
    Area("turns", ("pacing/turns.py",), ("tests/unit/pacing/test_turns.py",)),
    Area(
        "blame",
        ("dialer/model/outcomes.py", "dialer/model/signalling.py"),
        ("tests/unit/dialer/model/test_signalling.py", "tests/unit/dialer/model/test_outcomes.py"),
    ),
    Area(
        "reconcile",
        ("dialer/engine/reconcile.py",),
        (
            f"{ENGINE}/test_reconcile.py",
            f"{ENGINE}/test_guards.py",
            f"{ENGINE}/test_unattended.py",
            f"{ENGINE}/test_old_news.py",
            f"{ENGINE}/test_owed.py",
            f"{ENGINE}/test_consult.py",
            f"{ENGINE}/test_muting.py",
            f"{ENGINE}/test_inbound.py",
        ),
    ),
    Area(
        "bridging",
        ("dialer/engine/matching.py", "dialer/engine/telephone.py"),
        (
            f"{ENGINE}/test_telephone.py",
            f"{ENGINE}/test_matching.py",
            f"{ENGINE}/test_strayed.py",
            f"{ENGINE}/test_turns.py",
            f"{ENGINE}/test_silence.py",
            f"{ENGINE}/test_goodbye.py",
            f"{ENGINE}/test_muting.py",
            f"{ENGINE}/test_inbound.py",
            f"{ENGINE}/test_listening.py",
            f"{ENGINE}/test_hearing.py",
            f"{ENGINE}/test_consult.py",
            f"{ENGINE}/test_preview.py",
            f"{ENGINE}/test_transfer.py",
            f"{ENGINE}/test_person_news.py",
            f"{ENGINE}/test_trunks.py",
        ),
    ),
    Area(
        "deadlines",
        ("dialer/engine/calls.py", "dialer/model/call.py"),
        (
            f"{ENGINE}/test_calls.py",
            f"{ENGINE}/test_answered_late.py",
            f"{ENGINE}/test_silence.py",
            f"{ENGINE}/test_hearing.py",
            f"{ENGINE}/test_turns.py",
            f"{ENGINE}/test_trunks.py",
            "tests/unit/dialer/model/test_call.py",
        ),
    ),
    Area(
        "claims",
        ("dialer/store/claims.py", "dialer/store/list_mix.py"),
        (
            "tests/unit/dialer/store/test_list_mix.py",
            "tests/integration/store/test_claims.py",
            "tests/integration/store/test_many_lists.py",
        ),
        postgres=True,
    ),
    Area(
        "payment",
        ("portfolio/payments.py",),
        ("tests/integration/portfolio/test_payments.py",),
        postgres=True,
    ),
    # The tool leaves decorated functions alone, the route itself: tests/integration/consoles/test_events.py.
    Area("webhook", ("consoles/payment_events.py",), ("tests/unit/consoles/test_payment_events.py",)),
)
