"""From the fields of one record to a person with phones and perhaps a debt, or to what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from portfolio.importer import values
from portfolio.importer.columns import Layout
from portfolio.importer.phones import Phone, read_phone
from portfolio.importer.problems import BadValue, RowProblem
from portfolio.importer.records import Record

T = TypeVar("T")
SHOWN_VALUE = 80


@dataclass(frozen=True, slots=True)
class DebtRow:
    """What a row says of a debt."""

    reference: str
    creditor: str
    currency: str
    balance_minor: int
    days_past_due: int
    stage: str = ""


@dataclass(frozen=True, slots=True)
class PersonRow:
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

    @property
    def key(self) -> str:
        """Who this is: by our customer's own id, else by first number and name."""
        if self.external_id is not None:
            return f"id:{self.external_id}"
        return f"phone:{self.phones[0].number}:{self.name.casefold()}"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say."""

    region: str
    creditor: str


class RowReader:
    """Reads records of one layout."""

    def __init__(self, layout: Layout, defaults: Defaults) -> None:
        self._layout = layout
        self._defaults = defaults

    def read(self, record: Record) -> PersonRow | list[RowProblem]:
        """The person of a record, or every problem it has."""
        if record.problem:
            return [RowProblem(record.row, "", record.problem)]
        fields = record.fields
        width = len(self._layout.headers)
        if len(fields) < width:
            return [RowProblem(record.row, "", "too_few_columns", str(len(fields)))]
        if any(field.strip() for field in fields[width:]):
            return [RowProblem(record.row, "", "too_many_columns", str(len(fields)))]
        return _Row(record, self._layout, self._defaults).read()


class _Row:
    """One record while it is being read; collects problems instead of stopping at the first."""

    def __init__(self, record: Record, layout: Layout, defaults: Defaults) -> None:
        self._row = record.row
        self._layout = layout
        self._defaults = defaults
        self._problems: list[RowProblem] = []
        self._broken: set[str] = set()
        """Columns whose problem is noted already."""
        self._values = self._cleaned(record.fields)

    def read(self) -> PersonRow | list[RowProblem]:
        """The person, or every problem."""
        country = self._get("country", values.country)
        phones = self._phones(country or self._defaults.region)
        country = country or next((p.country for p in phones if p.country), self._defaults.region)
        person = PersonRow(
            row=self._row,
            external_id=self._get("external_id", lambda text: values.words(text, 100)),
            name=self._name(),
            language=self._get("language", values.language),
            country=country,
            region=self._get("region", lambda text: values.words(text, 60)),
            zone=self._get("zone", values.zone),
            priority=self._get("priority", lambda text: values.whole_number(text, 9999, -9999)) or 0,
            phones=phones,
            debt=self._debt(country),
            granted=self._consents(True),
            refused=self._consents(False),
            flags=self._get("flags", values.flags) or (),
        )
        return self._problems or person

    def _cleaned(self, fields: tuple[str, ...]) -> dict[str, str]:
        """Our name → value, for every column that is used; all columns are looked at."""
        names = dict(self._layout.fields)
        found: dict[str, str] = {}
        for position, header in enumerate(self._layout.headers):
            try:
                found[names.get(position, "")] = values.clean(fields[position])
            except BadValue as error:
                self._broken.add(names.get(position, ""))
                self._problems.append(
                    RowProblem(self._row, header, error.code, fields[position][:SHOWN_VALUE])
                )
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
        self._problems.append(RowProblem(self._row, self._layout.header_of(name), code, text[:SHOWN_VALUE]))

    def _name(self) -> str:
        whole = self._values.get("name") or " ".join(
            part for part in (self._values.get("first_name"), self._values.get("last_name")) if part
        )
        column = "first_name" if self._layout.has("first_name") and not self._values.get("name") else "name"
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
        code = self._get("phone_code", lambda text: str(values.whole_number(text.lstrip("+"), 9999, 1))) or ""
        found: dict[str, Phone] = {}
        columns = self._layout.phone_columns
        for name in columns:
            phone = self._get(name, lambda text: read_phone(text, region, code))
            if phone is not None:
                # The same number in two columns of a row is no harm: it is kept once.
                found.setdefault(phone.number, phone)
        if not self._broken & set(columns) and not any(self._values.get(name) for name in columns):
            self._note(columns[0], "required")
        return tuple(found.values())

    def _consents(self, wanted: bool) -> tuple[str, ...]:
        """Channels with this answer; one that is wrong is noted once."""
        columns = [name for _, name in self._layout.fields if name.startswith("consent_")]
        found = [name for name in columns if name not in self._broken]
        answers = {name: self._get(name, values.consent) for name in found}
        self._broken |= {name for name, said in answers.items() if said is None and self._values.get(name)}
        return tuple(name.removeprefix("consent_") for name, said in answers.items() if said is wanted)

    def _debt(self, country: str) -> DebtRow | None:
        balance, reference = self._values.get("balance"), self._values.get("debt_reference")
        if not balance:
            if reference:
                self._note("balance", "required")
            return None
        code = self._get("currency", values.currency) or self._usual_currency(country)
        return DebtRow(
            reference=self._get("debt_reference", lambda text: values.words(text, 100)) or "1",
            creditor=self._get("creditor", lambda text: values.words(text, 120)) or self._defaults.creditor,
            currency=code,
            balance_minor=self._get("balance", lambda text: values.minor_units(text, code)) or 0,
            days_past_due=self._get("days_past_due", lambda text: values.whole_number(text, 36_500)) or 0,
            stage=self._get("stage", values.stage) or "",
        )

    def _usual_currency(self, country: str) -> str:
        try:
            return values.currency_of(country)
        except BadValue as error:
            self._note("currency", error.code)
            return "EUR"
