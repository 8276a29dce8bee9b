"""Somebody at the carrier's side calls a number of the pbx's."""

from typing import Any

from sip_lab.ami import Ami


def call_in(
    carrier: dict[str, Any], caller: str, called: str, *, patience: int = 40, key: str = "", after: int = 0
) -> None:
    """`carrier` as lab.json tells it; who calls talks for `patience` seconds, or presses `key`."""
    variables = [f"CALLER={caller.lstrip('+')}", f"PATIENCE={patience}", f"KEY={key}", f"KEY_AFTER={after}"]
    facts = (carrier["ami_host"], carrier["ami_port"], carrier["ami_user"], carrier["ami_secret"])
    with Ami(*facts) as ami:
        ami.action(
            "Originate",
            variables,
            Channel=f"PJSIP/{called.lstrip('+')}@pbx",
            CallerID=f"<{caller}>",
            Context="calls-in",
            Exten="s",
            Priority="1",
            Timeout="30000",
            Async="true",
        )
