"""An import as a job: what is asked for, and how a worker does it."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from journal.jobs import Failed, Kind, Outcome
from portfolio.importer.problems import ImportRefused
from portfolio.importer.report import ImportReport
from portfolio.importer.run import import_file
from portfolio.importer.store import Dedupe

if TYPE_CHECKING:
    from journal.jobs.model import Work

IMPORT = Kind("import", at_once=1, most_queued=50, most_tries=8)
"""One at a time in a database, as their pieces wait for each other anyway."""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What somebody wants to be imported, beside the file; see import_file."""

    campaign_id: int
    file_name: str
    size: int
    """Bytes of the file."""
    list_name: str
    default_region: str
    creditor: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    header_row: int | None = None
    dedupe: Dedupe = "list"
    decided: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def subject(self) -> str:
        """What the job is about."""
        return subject(self.campaign_id)

    def as_args(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def subject(campaign_id: int) -> str:
    """What imports into a campaign are found by."""
    return f"campaign:{campaign_id}"


async def run_import(work: "Work") -> Outcome:
    """Import the job's file. Begun again, it goes over what is in already, and on from there."""
    order = ImportOrder(**work.job.args)

    def seen(report: ImportReport) -> None:
        work.tell({"rows": report.rows, "read": report.bytes_read, "size": order.size})

    seen(ImportReport(None))
    try:
        report = await import_file(
            work.pool,
            work.file(),
            campaign_id=order.campaign_id,
            list_name=order.list_name,
            default_region=order.default_region,
            dry_run=order.dry_run,
            mapping=order.mapping,
            sheet=order.sheet,
            header_row=order.header_row,
            dedupe=order.dedupe,
            creditor=order.creditor,
            decided=frozenset(order.decided),
            file_name=order.file_name,
            progress=seen,
            actor_id=work.job.actor_id,
        )
    except ImportRefused as refused:
        words = {"es": refused.message("es"), "en": refused.message("en")}
        raise Failed(refused.code, outcome=Outcome({"refused": words})) from refused
    return _judged(report)


def _judged(report: ImportReport) -> Outcome:
    outcome = Outcome(report.as_record(), report.reject_bytes)
    if report.broken:
        # A row that the database refuses is refused again; whatever else it was may have passed.
        raise Failed(report.broken, again=report.broken_by != "row_refused", outcome=outcome)
    return outcome
