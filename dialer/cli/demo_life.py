"""What goes on around the demo's campaigns while it runs: lists arrive, people pay, people call us.

Each is told as the world would tell it: a file is imported, a payment is a signed webhook, a call comes in
over the trunk. Nothing here is needed by the product; whatever fails is tried again at the next occasion.
"""

import asyncio
import json
import random
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from standardwebhooks import Webhook

from dialer.cli.database import statements
from dialer.cli.demo_options import DemoOptions
from dialer.cli.demo_people import DemoCampaign, bring
from dialer.cli.supervise import Say
from portfolio.importer.values import minor_units

LIST_EVERY, PAYMENT_EVERY, CALL_EVERY = 180.0, 45.0, 75.0
"""Seconds between two lists, payments and calls, about."""
PER_BOT = 14
"""Debtors of a new list for each bot: about what a bot gets through until the next."""
ENOUGH = 20
"""Leads for each bot that may be called now, with which no list arrives."""


class Life:
    """The world around the demo."""

    def __init__(
        self,
        options: DemoOptions,
        lab: Mapping[str, Any],
        campaigns: Sequence[DemoCampaign],
        say: Say,
        *,
        state: Path,
        web: str,
        secret: str,
    ) -> None:
        """`state`: of the lab; `secret`: of the webhooks."""
        self._options, self._campaigns, self._say = options, campaigns, say
        self._dsn, self._state, self._web = str(lab["postgres"]["dsn"]), state, web
        self._webhook = Webhook(secret)
        self._rng = random.Random(options.seed)  # noqa: S311 - a play, not a secret
        self._lists, self._brought = 0, options.debtors + len(campaigns)

    async def go_on(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for pause, happens in (
                (LIST_EVERY, self.a_list_arrives),
                (PAYMENT_EVERY, self.somebody_pays),
                (CALL_EVERY, self.somebody_calls),
            ):
                tasks.create_task(self._now_and_then(pause, happens))

    async def _now_and_then(self, pause: float, happens: Any) -> None:
        while True:
            await asyncio.sleep(pause * (0.7 + 0.6 * self._rng.random()))
            try:
                await happens()
            # A supervision point: a part of the product is away, or this is wrong; the demo goes on.
            except Exception as error:  # noqa: BLE001
                kind = type(error).__name__
                self._say(f"{happens.__name__.replace('_', ' ')}: not this time ({kind})")

    async def a_list_arrives(self) -> None:
        """The campaign with the fewest leads gets new ones, unless there are enough for everybody."""
        async with asyncpg.create_pool(self._dsn, min_size=1, max_size=2) as pool:
            rows = await pool.fetch(statements()["demo_callable"], [one.id for one in self._campaigns])
            if sum(row["leads"] for row in rows) > ENOUGH * max(1, self._options.bots):
                return
            neediest = min(rows, key=lambda row: row["leads"])["id"]
            self._lists += 1
            count, first = PER_BOT * max(1, self._options.bots), self._brought
            seed = self._options.seed + 100 * self._lists
            told = await bring(
                pool, self._options, neediest, f"demo {self._lists + 1}", count, seed=seed, first=first
            )
            self._brought += count
        name = next(one.name for one in self._campaigns if one.id == neediest)
        self._say(f"a list arrives for {name}: {told.imported} debtors")

    async def somebody_pays(self) -> None:
        """Who has promised, or anybody who owes, pays at the bank, whose system tells us."""
        row = await self._one("demo_debt")
        if row is None:
            return
        body = json.dumps(
            {
                "type": "payment.received",
                "reference": row["reference"],
                "external_id": row["external_id"],
                "amount": f"{Decimal(row['balance_minor']) / minor_units('1', row['currency']):f}",
                "currency": row["currency"],
                "settles": True,
            }
        )
        at, event = datetime.now(UTC), str(uuid4())
        headers = {
            "webhook-id": event,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(event, at, body),
        }
        async with httpx.AsyncClient(base_url=self._web, timeout=10) as http:
            (await http.post("/api/v1/events/payment", content=body, headers=headers)).raise_for_status()

    async def somebody_calls(self) -> None:
        """Who saw a missed call, or anybody whom we know, calls back."""
        row = await self._one("demo_caller", [one.id for one in self._campaigns])
        if row is None:
            return
        words = ["--state", str(self._state), "--patience", str(self._rng.randint(15, 50))]
        words += [row["number"], row["caller_id"]]
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "sip_lab", "call", *words)
        await process.wait()

    async def _one(self, name: str, *given: Any) -> asyncpg.Record | None:
        connection = await asyncpg.connect(self._dsn)
        try:
            return await connection.fetchrow(statements()[name], *given)
        finally:
            await connection.close()
