"""What the worker tells a scraper of the queue."""

from prometheus_client import generate_latest

from dialer.settings import Settings
from dialer.wiring.worker import jobs, worker_registry
from journal.jobs.runner import Counts
from journal.worker import Counts as Followed


def test_every_kind_and_state_is_told_as_it_was_last_seen() -> None:
    counts = Counts({("import", "queued"): 0, ("import", "running"): 1})
    registry = worker_registry(counts, Followed())
    said = generate_latest(registry).decode()
    assert 'dialer_jobs{kind="import",state="queued"} 0.0' in said
    assert 'dialer_jobs{kind="import",state="running"} 1.0' in said
    assert 'dialer_jobs_oldest_seconds{kind="import"} 0.0' in said
    counts.jobs, counts.oldest = {("train", "queued"): 2}, {"train": 90.0}
    said = generate_latest(registry).decode()
    assert 'dialer_jobs{kind="train",state="queued"} 2.0' in said
    assert 'dialer_jobs_oldest_seconds{kind="train"} 90.0' in said


def test_each_follower_tells_how_far_behind_it_is() -> None:
    followed = Followed(followed={"leads": 7}, failed={"leads": 1}, lag={"leads": 0.5})
    said = generate_latest(worker_registry(Counts({}), followed)).decode()
    assert 'dialer_journal_lag_seconds{follower="leads"} 0.5' in said
    assert 'dialer_journal_followed{follower="leads"} 7.0' in said
    assert 'dialer_journal_failed{follower="leads"} 1.0' in said


def test_no_two_kinds_of_jobs_have_one_name() -> None:
    kinds = jobs(Settings(_env_file=None))
    assert len({kind.name for kind in kinds}) == len(kinds)
