"""The books of a simulated agency: three campaigns that share their agents, a list a day for each."""

from dataclasses import dataclass, field
from datetime import date

from dialer.model.campaign import CampaignSettings, DialMode, Screening
from tests.conformance.store_worlds import PostgresWorld

AGENTS = 12
SIZES = {"alfa": (1, 40, "Banco Uno"), "beta": (1, 40, "Banco Dos"), "gamma": (2, 80, "Banco Uno")}
"""Campaign → weight, people in a list, creditor of them."""
COUPLE, BOTH, SUPPRESSED, STOPPED, ABROAD = 3, 7, 11, 13, 17
"""What is odd about one in twenty each: the line of the one before, two creditors; who is not called."""


@dataclass(slots=True)
class Books:
    """What was loaded."""

    world: PostgresWorld
    campaigns: dict[str, int] = field(default_factory=dict)
    plain: set[int] = field(default_factory=set)
    """Leads of people who share neither line nor name with anybody and may be called."""
    never: set[int] = field(default_factory=set)
    """Leads of people who may not be called at all."""
    people: int = 0

    async def open(self) -> "Books":
        """Campaigns and agents; returns itself."""
        # The store judges caller ids by Postgres' clock, and from 28-12-2026 the law asks for a registry.
        await self.world.pool.execute("INSERT INTO caller_ids (number) VALUES ('+34910000000')")
        for code, (weight, _, creditor) in SIZES.items():
            settings = CampaignSettings(
                mode=DialMode.PREDICTIVE,
                screening=Screening.AMD,
                screening_errors=0.0,
                audit_share=0.0,
                rule_pack="es-collections",
                weight=weight,
                creditor=creditor,
            )
            self.campaigns[code] = (await self.world.campaign(code, settings)).id
        for number in range(AGENTS):
            agent = await self.world.agent(f"agent{number:02}")
            for campaign in self.campaigns.values():
                await self.world.pool.execute(
                    "INSERT INTO campaign_agents (campaign_id, agent_id) VALUES ($1, $2)", campaign, agent.id
                )
        return self

    async def day(self, of: date) -> None:
        """Today's lists, the same kinds of people in each."""
        for code, (_, size, _) in SIZES.items():
            own = await self._list(code, of)
            before = ""
            for place in range(size):
                kind = place % 20
                number = before if kind == COUPLE else self._number(abroad=kind == ABROAD)
                before = number
                await self._debtor(code, own, of, kind, number)

    async def _debtor(self, code: str, own: int, of: date, kind: int, number: str) -> None:
        person = await self.world.person(f"Persona {self.people}", number)
        await self.world.pool.execute(
            "UPDATE persons SET country = 'ES', region = 'MD' WHERE id = $1", person
        )
        lead = await self._lead(own, self.campaigns[code], person)
        await self._debt(person, SIZES[code][2])
        if kind == BOTH and code == "alfa":
            await self._debt(person, SIZES["beta"][2])
            await self._lead(await self._list("beta", of), self.campaigns["beta"], person)
        elif kind == SUPPRESSED:
            await self.world.suppress(number)
        elif kind == STOPPED:
            await self.world.stop(person)
        elif kind not in (COUPLE, COUPLE - 1, ABROAD):
            self.plain.add(lead)
        if kind in (SUPPRESSED, STOPPED, ABROAD):
            self.never.add(lead)

    def _number(self, *, abroad: bool) -> str:
        self.people += 1
        return f"+331{self.people:08}" if abroad else f"+3491{self.people:07}"

    async def _list(self, code: str, of: date) -> int:
        made: int = await self.world.pool.fetchval(
            "INSERT INTO lists (campaign_id, name) VALUES ($1, $2)"
            " ON CONFLICT (campaign_id, name) DO UPDATE SET name = $2 RETURNING id",
            self.campaigns[code],
            of.isoformat(),
        )
        return made

    async def _lead(self, own: int, campaign: int, person: int) -> int:
        made: int = await self.world.pool.fetchval(
            "INSERT INTO leads (list_id, campaign_id, person_id) VALUES ($1, $2, $3) RETURNING id",
            own,
            campaign,
            person,
        )
        return made

    async def _debt(self, person: int, creditor: str) -> None:
        await self.world.pool.execute(
            "INSERT INTO debts (person_id, creditor, reference, currency, balance_minor)"
            " VALUES ($1, $2, $3, 'EUR', 12000)",
            person,
            creditor,
            f"R-{person}",
        )
