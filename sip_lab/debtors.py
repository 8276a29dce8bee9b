"""Generated debtors for the demo and for tests: invented names, invented debts, numbers of the lab's carrier.

Run: python -m sip_lab.debtors --count 300 --seed 1 > debtors.csv
"""

import argparse
import csv
import random
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from sip_lab.behaviours import BY_NAME, DEFAULT_MIX, drawn_number, number_for

COLUMNS = (
    "external_id",
    "name",
    "phone",
    "country",
    "zone",
    "language",
    "creditor",
    "debt_reference",
    "balance",
    "currency",
    "days_past_due",
)

_PLACES: Sequence[tuple[str, str, str]] = (
    ("ES", "Europe/Madrid", "EUR"),
    ("MX", "America/Mexico_City", "MXN"),
    ("CO", "America/Bogota", "COP"),
    ("CL", "America/Santiago", "CLP"),
)
_FIRST = tuple("Lucía Mateo Sofía Hugo Martina Daniel Valeria Pablo Ximena Camila Íñigo Begoña".split())
_LAST = tuple("García Muñoz Rodríguez Ibáñez López Peña Hernández Núñez Castaño Ríos Ortega Vélez".split())
_CREDITORS = ("Banco Alameda", "Luz del Sur", "Telefonía Norte", "Financiera Ceiba")
_NUMBERS = {True: 1_000_000, False: 5_000}
"""How many there are of each kind and country, without a code and with one; then they begin anew."""
_WITHOUT_CENTS = frozenset({"CLP", "COP"})


def debtors(
    count: int,
    seed: int,
    behaviours: Sequence[str] | None = None,
    *,
    drawn: bool = False,
    first: int = 0,
) -> Iterator[dict[str, str]]:
    """Rows of a debtor file; behaviours as listed in turn, or drawn from the default mix.

    `drawn`: the numbers carry no code, so that the carrier's own mix decides, also when it is changed.
    `first`: rows of the files before this one, whose numbers none has here (as long as there are any).
    """
    rng = random.Random(seed)
    used: dict[tuple[str, str], int] = {}
    names = list(DEFAULT_MIX)
    weights = [BY_NAME[name].weight for name in names]
    for row in range(count):
        behaviour = behaviours[row % len(behaviours)] if behaviours else rng.choices(names, weights)[0]
        country, zone, currency = rng.choice(_PLACES)
        place = ("" if drawn else behaviour, country)
        index = used.get(place, 0) + first
        used[place] = index - first + 1
        index %= _NUMBERS[drawn]
        yield {
            "external_id": f"L{seed}-{row + 1:06d}",
            "name": f"{rng.choice(_FIRST)} {rng.choice(_LAST)} {rng.choice(_LAST)}",
            "phone": drawn_number(index, country) if drawn else number_for(behaviour, index, country),
            "country": country,
            "zone": zone,
            "language": "es",
            "creditor": rng.choice(_CREDITORS),
            "debt_reference": f"EXP-{seed}-{row + 1:06d}",
            "balance": _amount(rng, currency),
            "currency": currency,
            "days_past_due": str(rng.choice((15, 31, 45, 62, 90, 120, 180))),
        }


def _amount(rng: random.Random, currency: str) -> str:
    if currency in _WITHOUT_CENTS:
        return str(rng.randrange(40_000, 900_000, 1_000))
    return f"{rng.uniform(35, 1800):.2f}"


def write(rows: Iterator[dict[str, str]], out: TextIO) -> None:
    """The rows as CSV with a header."""
    table = csv.DictWriter(out, COLUMNS)
    table.writeheader()
    table.writerows(rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="sip_lab.debtors", description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--behaviours", default="", help="comma-separated, taken in turn; empty = the mix")
    parser.add_argument(
        "--first", type=int, default=0, help="rows in the files before: other numbers than theirs"
    )
    parser.add_argument("--drawn", action="store_true", help="numbers without a code, for the carrier's mix")
    options = parser.parse_args()
    chosen = [name for name in options.behaviours.split(",") if name]
    rows = debtors(options.count, options.seed, chosen or None, drawn=options.drawn, first=options.first)
    write(rows, sys.stdout)


if __name__ == "__main__":
    main()
