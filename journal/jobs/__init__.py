"""Work that outlives who asked for it: enqueued in a transaction, done by any worker."""

from journal.jobs.model import Failed, Handler, Job, Kind, Outcome, QueueFull, State
from journal.jobs.queue import ask_cancel, enqueue, keep, pieces, retry

__all__ = [
    "Failed",
    "Handler",
    "Job",
    "Kind",
    "Outcome",
    "QueueFull",
    "State",
    "ask_cancel",
    "enqueue",
    "keep",
    "pieces",
    "retry",
]
