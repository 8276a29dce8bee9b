"""Rule packs: read, tried on their examples, published; the numbers the firm may show."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, StringConstraints, ValidationError

from consoles import pack_approval
from consoles.pack_approval import SecondPersonNeeded
from consoles.problems import Problem
from consoles.schemas import Body, Page
from consoles.sessions import Admin, Supervisor, role
from consoles.web_deps import Connection, Database, WebDep
from portfolio.audit import record_audit
from portfolio.contact_rules import RulePack, failed_examples
from portfolio.rule_packs import MAX_BYTES, BrokenPack, UnknownPack, built_in, pack_text, parse_pack
from portfolio.rule_packs.shelf import SHELF
from portfolio.sql import statements

router = APIRouter(tags=["rules"])

PackName = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{1,40}$")]
Number = Annotated[str, Path(pattern=r"^\+[1-9][0-9]{6,14}$")]
MAX_PACK = 2 * MAX_BYTES
"""Bytes of a request with a pack in it."""


class PackRow(BaseModel):
    """A pack in the list."""

    name: str
    version: int
    title_es: str
    title_en: str
    lab_only: bool
    usable: bool
    """Whether a campaign may be called by it here: sound, and not for another place than this."""
    own: bool
    """Whether the firm wrote it."""
    campaigns: int
    """Campaigns under it."""


class PackRule(BaseModel):
    """One rule, with where it comes from."""

    part: str
    """hours, excluded_days, cap, silence, forbidden_prefixes, caller_id, countries, conduct or inbound."""
    name: str
    label_es: str
    label_en: str
    data: dict[str, Any]
    source: str
    dated: date
    effective_from: date | None
    """Of a rule that takes the place of others from a day on."""


class PackVersion(BaseModel):
    """A published version."""

    version: int
    published_at: datetime
    author: str


class PackOut(BaseModel):
    """A pack, rule by rule, and as it is written."""

    name: str
    version: int
    title_es: str
    title_en: str
    effective_from: date
    lab_only: bool
    own: bool
    channels: list[str]
    consent_required: list[str]
    care_flags: list[str]
    rules: list[PackRule]
    examples: int
    versions: list[PackVersion]
    body: str


class PackIn(Body):
    """A pack as YAML."""

    # The check answers whatever is no pack with its problems, in words.
    judged_elsewhere: ClassVar[frozenset[str]] = frozenset({"body"})

    body: Annotated[str, StringConstraints(min_length=1, max_length=MAX_BYTES)]


class PackCheck(BaseModel):
    """What is wrong with a pack; nothing = it may be published."""

    name: str
    version: int | None
    problems: list[str]
    examples: int


class CallerIdIn(Body):
    """A number the firm may show."""

    label: Annotated[str, StringConstraints(max_length=120)] = ""
    registry: Annotated[str, StringConstraints(max_length=200)] = ""
    starts_on: date | None = None
    ends_on: date | None = None


class CallerIdOut(BaseModel):
    """A number of the registry."""

    number: str
    label: str
    registry: str
    starts_on: date | None
    ends_on: date | None


@router.get("/rule-packs", dependencies=[Depends(role("qa", "supervisor"))])
async def all_packs(database: Database) -> Page[PackRow]:
    """Every pack in its newest version."""
    await SHELF.refresh(database)
    own = {row["name"] for row in await database.fetch(statements()["newest_packs"])}
    used = {row["pack"]: row["count"] for row in await database.fetch(statements()["packs_in_use"])}
    names = sorted({*built_in(), *own})
    packs = [(name, await asyncio.to_thread(_usable, name)) for name in names]
    return Page(items=[_row(name, pack, name in own, used.get(name, 0)) for name, pack in packs])


@router.get("/rule-packs/{name}", dependencies=[Depends(role("qa", "supervisor"))])
async def one_pack(name: PackName, database: Database) -> PackOut:
    """A pack rule by rule, with sources and dates."""
    await SHELF.refresh(database)
    pack = await asyncio.to_thread(_usable, name)
    if pack is None:
        raise Problem("not_found", "no such rule pack, or it is broken")
    versions = [PackVersion(**row) for row in await database.fetch(statements()["pack_versions"], name)]
    body = await _body(database, name, versions)
    return _out(pack, body, versions)


@router.post("/rule-packs/check", max_body_size=MAX_PACK, dependencies=[Depends(role("supervisor"))])
async def check(body: PackIn, database: Database) -> PackCheck:
    """Try a pack on its own examples; nothing is kept."""
    return await asyncio.to_thread(_checked, body.body)


@router.post("/rule-packs", max_body_size=MAX_PACK, status_code=201)
async def publish(body: PackIn, who: Admin, database: Database, web: WebDep) -> PackCheck:
    """Publish a version of an own pack; campaigns under it are held to it from now on."""
    found = await asyncio.to_thread(_checked, body.body)
    if found.problems or found.version is None:
        raise Problem("invalid", "; ".join(found.problems)[:2000])
    try:
        async with database.transaction():
            await pack_approval.publish(database, who, body.body, web.now())
    except SecondPersonNeeded as need:
        raise await pack_approval.refused(database, who, need) from need
    return found


@router.get("/caller-ids", dependencies=[Depends(role("supervisor"))])
async def caller_ids(database: Database) -> Page[CallerIdOut]:
    """The numbers the firm may show."""
    rows = await database.fetch(statements()["caller_ids"])
    return Page(items=[CallerIdOut(**row) for row in rows])


@router.put("/caller-ids/{number}", status_code=204)
async def put_caller_id(
    number: Number, body: CallerIdIn, who: Supervisor, database: Database, web: WebDep
) -> None:
    """Add a number to the registry, or change it."""
    if body.starts_on and body.ends_on and body.ends_on < body.starts_on:
        raise Problem("ends_first", "it ends before it starts")
    async with database.transaction():
        row = (number, body.label, body.registry, body.starts_on, body.ends_on)
        await database.execute(statements()["caller_id_put"], *row)
        await record_audit(
            database, who.id, "caller_id.put", f"caller_id:{number}", after=body.model_dump(mode="json")
        )


@router.delete("/caller-ids/{number}", status_code=204)
async def drop_caller_id(number: Number, who: Supervisor, database: Database, web: WebDep) -> None:
    """Take a number out of the registry: packs that ask for a registered one then refuse it."""
    async with database.transaction():
        if await database.fetchval(statements()["caller_id_drop"], number) is None:
            raise Problem("not_found", "no such number")
        await record_audit(database, who.id, "caller_id.drop", f"caller_id:{number}")


def _usable(name: str) -> RulePack | None:
    try:
        return SHELF.look(name)
    except (UnknownPack, BrokenPack):
        return None


async def _body(database: Connection, name: str, versions: list[PackVersion]) -> str:
    if versions:
        return str(await database.fetchval(statements()["pack_body"], name, versions[0].version))
    return await asyncio.to_thread(pack_text, name)


def _checked(body: str) -> PackCheck:
    try:
        pack = parse_pack(body)
    except BrokenPack as error:
        return PackCheck(name="", version=None, problems=[str(error)[:500]], examples=0)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:50]]
        return PackCheck(name="", version=None, problems=problems, examples=0)
    problems = list(failed_examples(pack))
    if pack.name in built_in():
        problems.append(f"{pack.name} comes with the product: give yours another name")
    if pack.lab_only and not SHELF.laboratory:
        problems.append(f"{pack.name} says lab_only: it is for the laboratory, and this is none")
    return PackCheck(name=pack.name, version=pack.version, problems=problems, examples=len(pack.tests))


def _row(name: str, pack: RulePack | None, own: bool, campaigns: int) -> PackRow:
    if pack is None:
        return PackRow(
            name=name, version=0, title_es=name, title_en=name, lab_only=False, usable=False, own=own,
            campaigns=campaigns,
        )  # fmt: skip
    return PackRow(
        name=name,
        version=pack.version,
        title_es=pack.title_es,
        title_en=pack.title_en,
        lab_only=pack.lab_only,
        usable=SHELF.laboratory or not pack.lab_only,
        own=own,
        campaigns=campaigns,
    )


def _out(pack: RulePack, body: str, versions: list[PackVersion]) -> PackOut:
    return PackOut(
        name=pack.name,
        version=pack.version,
        title_es=pack.title_es,
        title_en=pack.title_en,
        effective_from=pack.effective_from,
        lab_only=pack.lab_only,
        own=bool(versions),
        channels=sorted(pack.channels),
        consent_required=sorted(pack.consent_required),
        care_flags=sorted(pack.care_flags),
        rules=_rules(pack),
        examples=len(pack.tests),
        versions=versions,
        body=body,
    )


def _rules(pack: RulePack) -> list[PackRule]:
    names = ("hours", "excluded_days", "caps", "silences", "caller_id", "countries", "conduct", "inbound")
    found = _parts({name: getattr(pack, name) for name in names}, None)
    if pack.forbidden_prefixes:
        found.append(_never_dialled(pack))
    for change in pack.changes:
        found += _parts(change.parts, change.effective_from)
    return found


def _never_dialled(pack: RulePack) -> PackRule:
    """The pack's own list has no source of its own: it is the pack's."""
    own = {"starts": list(pack.forbidden_prefixes), "source": f"{pack.name}, version {pack.version}"}
    return _rule("forbidden_prefixes", own | {"dated": pack.effective_from}, None)


def _parts(parts: dict[str, Any], begins: date | None) -> list[PackRule]:
    """Each rule by itself; one that a pack does not have is not shown."""
    found: list[tuple[str, Any]] = []
    for name, part in parts.items():
        if isinstance(part, tuple):
            found += [({"caps": "cap", "silences": "silence"}[name], rule) for rule in part]
        elif part is not None:
            found.append((name, part))
    return [_rule(part, rule.model_dump(mode="json"), begins) for part, rule in found]


def _rule(part: str, data: dict[str, Any], begins: date | None) -> PackRule:
    return PackRule(
        effective_from=begins,
        part=part,
        name=data.pop("name", part),
        label_es=data.pop("label_es", ""),
        label_en=data.pop("label_en", ""),
        source=data.pop("source"),
        dated=data.pop("dated"),
        data=data,
    )
