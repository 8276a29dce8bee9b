"""From the fields of one record to a person with phones and perhaps a debt, or to what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple, TypeVar

from portfolio.creditors import creditor_key
from portfolio.importer import values
from portfolio.importer.columns import Layout
from portfolio.importer.phones import Phone, read_phone
from portfolio.importer.problems import BadValue, RowProblem
from portfolio.importer.records import Record
from portfolio.zones import region_of_postal

T = TypeVar("T")
SHOWN_VALUE = 80
_LONGEST_KEY = 200


class DebtRow(NamedTuple):
    """What a row says of a debt."""

    reference: str
    creditor: str
    currency: str
    balance_minor: int
    days_past_due: int
    stage: str = ""


class PersonRow(NamedTuple):
    """A good row."""

    row: int
    external_id: str | None
    name: str
    language: str | None
    country: str
    region: str | None
    zone: str | None
    priority: int
    phones: tuple[Phone, ...]
    debt: DebtRow | None
    granted: tuple[str, ...] = ()
    """Channels the person agreed to."""
    refused: tuple[str, ...] = ()
    """Channels the person does not want."""
    flags: tuple[str, ...] = ()
    warnings: tuple[RowProblem, ...] = ()
    """Numbers that were left out; the person is in with the others."""
    creditor: str = ""
    """Whose customer number external_id is, folded."""
    revive: bool = False
    """Whether those of its numbers that are dead are to be called again."""

    @property
    def key(self) -> str:
        """Who this is: by the creditor's own number of the customer, else by first number and name."""
        if self.external_id is not None:
            return _bounded(f"id:{self.creditor}:{self.external_id}")
        return _bounded(f"phone:{self.phones[0].number}:{self.name.casefold()}")

    @property
    def debt_key(self) -> str:
        """Which debt of the person this is; empty without one."""
        if self.debt is None:
            return ""
        return _bounded(f"{creditor_key(self.debt.creditor)}:{self.debt.reference}")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say."""

    region: str
    creditor: str
    """Empty = not known: a file that needs one and has no column of it is asked about."""


class _Plan:
    """What every row asks of the layout, found once."""

    def __init__(self, layout: Layout, defaults: Defaults) -> None:
        self.layout = layout
        self.defaults = defaults
        self.width = len(layout.headers)
        names = dict(layout.fields)
        self.names = tuple(names.get(position, "") for position in range(self.width))
        """Our name of each column; '' for one that is not used."""
        self.phones = layout.phone_columns
        self.marks = values.Marks()
        self.consents = tuple(name for name in self.names if name.startswith("consent_"))


class RowReader:
    """Reads records of one layout."""

    def __init__(self, layout: Layout, defaults: Defaults) -> None:
        self._plan = _Plan(layout, defaults)

    def read(self, record: Record) -> PersonRow | list[RowProblem]:
        """The person of a record, or every problem it has."""
        if record.problem:
            return [RowProblem(record.row, "", record.problem)]
        fields = record.fields
        width = self._plan.width
        if len(fields) < width:
            return [RowProblem(record.row, "", "too_few_columns", str(len(fields)))]
        if len(fields) > width and any(map(str.strip, fields[width:])):
            return [RowProblem(record.row, "", "too_many_columns", str(len(fields)))]
        return _Row(record, self._plan).read()


class _Row:
    """One record while it is being read; collects problems instead of stopping at the first."""

    def __init__(self, record: Record, plan: _Plan) -> None:
        self._row = record.row
        self._plan = plan
        self._problems: list[RowProblem] = []
        self._phone_problems: list[RowProblem] = []
        """Of single numbers: they cost the row only when no number is left."""
        self._broken: set[str] = set()
        """Columns whose problem is noted already."""
        self._values = self._cleaned(record.fields)

    def read(self) -> PersonRow | list[RowProblem]:
        """The person, or every problem."""
        country = self._get("country", values.country)
        phones = self._phones(country or self._plan.defaults.region)
        country = country or next((p.country for p in phones if p.country), self._plan.defaults.region)
        granted, refused = self._consents() if self._plan.consents else ((), ())
        external_id = self._get("external_id", _reference)
        creditor = self._creditor() if external_id is not None or self._values.get("balance") else ""
        person = PersonRow(
            row=self._row,
            external_id=external_id,
            name=self._name(),
            language=self._get("language", values.language),
            country=country,
            region=self._get("region", _region) or self._region_of_postal(country),
            zone=self._get("zone", values.zone),
            priority=self._get("priority", _priority) or 0,
            phones=phones,
            debt=self._debt(country, creditor),
            granted=granted,
            refused=refused,
            flags=self._get("flags", values.flags) or (),
            warnings=tuple(replace(one, taken=True) for one in self._phone_problems) if phones else (),
            creditor=creditor_key(creditor) if external_id is not None else "",
            revive=self._get("revive", values.yes) or False,
        )
        if not phones:
            self._problems.extend(self._phone_problems)
        return self._problems or person

    def _creditor(self) -> str:
        """Whose customer and debt this is: as the row says, or as was said for the file."""
        said = self._get("creditor", _creditor)
        if said is None and not self._plan.defaults.creditor and not self._values.get("creditor"):
            self._note("creditor", "required")
        return said or self._plan.defaults.creditor

    def _cleaned(self, fields: tuple[str, ...]) -> dict[str, str]:
        """Our name → value, for every column that is used; all columns are looked at."""
        found: dict[str, str] = {}
        # Fields after the last column are empty, see RowReader.
        for position, (name, field) in enumerate(zip(self._plan.names, fields, strict=False)):
            try:
                text = values.clean(field)
                # Of two columns of one meaning, such as state and province, the first that is filled counts.
                found[name] = found.get(name) or text
            except BadValue as error:
                self._broken.add(name)
                header = self._plan.layout.headers[position]
                self._of(name).append(RowProblem(self._row, header, error.code, field[:SHOWN_VALUE]))
        return found

    def _get(self, name: str, read: Callable[[str], T]) -> T | None:
        """A value as it should be; None when empty or wrong, and then the problem is noted."""
        text = self._values.get(name, "")
        if not text:
            return None
        try:
            return read(text)
        except BadValue as error:
            self._note(name, error.code, text)
            return None

    def _note(self, name: str, code: str, text: str = "") -> None:
        header = self._plan.layout.header_of(name)
        self._of(name).append(RowProblem(self._row, header, code, text[:SHOWN_VALUE]))

    def _of(self, name: str) -> list[RowProblem]:
        """Where the problems of a column are kept."""
        return self._phone_problems if name in self._plan.phones else self._problems

    def _name(self) -> str:
        given, family = self._values.get("first_name", ""), self._values.get("last_name", "")
        whole = self._values.get("name") or f"{given} {family}".strip(" ")
        column = "name" if self._values.get("name") or "first_name" not in self._plan.names else "first_name"
        if not whole:
            if not self._broken & {"name", "first_name", "last_name"}:
                self._note(column, "required")
            return ""
        try:
            return values.words(whole, 200)
        except BadValue as error:
            self._note(column, error.code, whole)
            return ""

    def _phones(self, region: str) -> tuple[Phone, ...]:
        code = self._get("phone_code", _calling_code) or ""
        found: dict[str, Phone] = {}
        columns = self._plan.phones
        for name in columns:
            phone = self._get(name, lambda text: read_phone(text, region, code))
            if phone is not None:
                # The same number in two columns of a row is no harm: it is kept once.
                found.setdefault(phone.number, phone)
        if not found and not any(name in self._broken or self._values.get(name) for name in columns):
            self._note(columns[0], "required")
        return tuple(found.values())

    def _region_of_postal(self, country: str) -> str | None:
        """Only whose region is not written needs it."""
        code = self._values.get("postal_code", "")
        return region_of_postal(country, code) if code else None

    def _consents(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Channels the person agreed to, and those the person refused."""
        said = {
            name.removeprefix("consent_"): self._get(name, values.consent) for name in self._plan.consents
        }
        granted = tuple(channel for channel, answer in said.items() if answer is True)
        return granted, tuple(channel for channel, answer in said.items() if answer is False)

    def _debt(self, country: str, creditor: str) -> DebtRow | None:
        balance, reference = self._values.get("balance"), self._values.get("debt_reference")
        if not balance:
            if reference:
                self._note("balance", "required")
            return None
        mark = self._plan.marks.see(balance)
        code = self._get("currency", values.currency) or self._usual_currency(country)
        return DebtRow(
            reference=self._get("debt_reference", _reference) or "1",
            creditor=creditor,
            currency=code,
            balance_minor=self._get(
                "balance", lambda text: values.minor_units(text, code, mark, rounded=True)
            )
            or 0,
            days_past_due=self._get("days_past_due", _days) or 0,
            stage=self._get("stage", values.stage) or "",
        )

    def _usual_currency(self, country: str) -> str:
        try:
            return values.currency_of(country)
        except BadValue as error:
            self._note("currency", error.code)
            return "EUR"


def _bounded(key: str) -> str:
    """A key that an index takes, whatever its parts come to."""
    return key if len(key) <= _LONGEST_KEY else sha256(key.encode()).hexdigest()


def _reference(text: str) -> str:
    return values.identifier(text, 100)


def _creditor(text: str) -> str:
    return values.words(text, 120)


def _region(text: str) -> str:
    return values.words(text, 60)


def _priority(text: str) -> int:
    return values.whole_number(text, 9999, -9999)


def _days(text: str) -> int:
    return values.whole_number(text, 36_500)


def _calling_code(text: str) -> str:
    return str(values.whole_number(text.lstrip("+"), 9999, 1))
