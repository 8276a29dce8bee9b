"""Raw manager actions on the lab's pbx: what the product's engine does, without the product."""

import uuid
from dataclasses import dataclass

from sip_lab.ami import Ami, Event
from tests.lab.lab_process import Facts

NO_ENGINE = ("CADENCIA_BELIEF=60000",)
"""The dialplan would not wait so long for an engine without a heart."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A channel of ours."""

    id: str
    channel: str


class Pbx:
    """One manager session with the product's own account."""

    def __init__(self, facts: Facts) -> None:
        """Logs in to the pbx of a lab."""
        at = facts["pbx"]
        self.ami = Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"], timeout=10)
        self._trunk = facts["trunk"]

    def dial(self, number: str, *variables: str, timeout: float = 30.0, alone: bool = False) -> str:
        """Originates to a number and returns the channel's id at once.

        The dialplan waits as if an engine lived, unless it is `alone`.
        """
        mine = str(uuid.uuid4())
        self.ami.send(
            "Originate",
            (variables or ("CADENCIA_SCREEN=off", "CADENCIA_FALLBACK=60")) + (() if alone else NO_ENGINE),
            Channel=f"PJSIP/{number}@{self._trunk}",
            ChannelId=mine,
            Context="cadencia-customer",
            Exten="s",
            Priority=1,
            Async="true",
            Timeout=int(timeout * 1000),
        )
        return mine

    def screened(self, mine: str, timeout: float = 20.0) -> Event:
        """Waits until a call is answered and screened."""
        return self.user_event(mine, "CadenciaScreened", timeout)

    def user_event(self, mine: str, name: str, timeout: float = 20.0) -> Event:
        """Waits for a user event of a channel."""
        return self.ami.wait(lambda e: e.get("UserEvent") == name and e.get("Uniqueid") == mine, timeout)

    def event(self, mine: str, name: str, timeout: float = 20.0) -> Event:
        """Waits for an event of a channel."""
        return self.ami.wait(lambda e: e.get("Event") == name and e.get("Uniqueid") == mine, timeout)

    def customer(self, number: str, *variables: str) -> Leg:
        """Dials a person and waits until that person is live."""
        mine = self.dial(number, *variables)
        return Leg(mine, self.screened(mine)["Channel"])

    def agent(self, endpoint: str) -> Leg:
        """Brings an agent's leg up."""
        leg, answer = self.try_agent(endpoint)
        assert leg, (answer, self.event(answer["Uniqueid"], "Hangup"))
        return leg

    def try_agent(self, endpoint: str) -> tuple[Leg | None, Event]:
        """An agent's leg, or none when the phone does not take it; and what the pbx said of it."""
        mine = f"leg-{uuid.uuid4()}"
        self.ami.send(
            "Originate",
            Channel=f"PJSIP/{endpoint}",
            ChannelId=mine,
            Context="cadencia-agent",
            Exten="s",
            Priority=1,
            Async="true",
            Timeout=10_000,
        )
        answer = self.event(mine, "OriginateResponse")
        return Leg(mine, answer["Channel"]) if answer["Response"] == "Success" else None, answer

    def has_phone(self, endpoint: str) -> bool:
        """Is an endpoint registered?"""
        states = {row["Device"]: row["State"] for row in self.ami.listing("DeviceStateList")}
        return states.get(f"PJSIP/{endpoint}") not in (None, "UNAVAILABLE", "INVALID", "UNKNOWN")

    def bridge(self, customer: Leg, agent: Leg) -> None:
        """Joins two legs."""
        self.ami.action("Bridge", Channel1=customer.channel, Channel2=agent.channel, Tone="no")

    def hang_up(self, *legs: Leg) -> None:
        """Ends legs and waits until they are gone."""
        for leg in legs:
            self.ami.action("Hangup", Channel=leg.channel, Cause=16)
        for leg in legs:
            self.event(leg.id, "Hangup")

    def places(self) -> dict[str, Event]:
        """Every channel by its id."""
        return {row["Uniqueid"]: row for row in self.ami.listing("CoreShowChannels")}

    def place(self, leg: Leg) -> tuple[str, bool]:
        """Context of a leg, and whether it is in a bridge."""
        row = self.places()[leg.id]
        return row["Context"], bool(row["BridgeId"])
