"""Scripts for containers that are started by hand: as the lab's user, first things first."""

from pathlib import Path

from sip_lab.account import Account
from sip_lab.layout import _script
from sip_lab.services import Service

SOMEBODY = Account("1000", 1000, 1001, switch=True)
HOME = Path("/lab/with space")
SERVICE = Service("postgres", ["/opt/postgresql/postgres", "-c", "port=1"], HOME, HOME / "log", lambda: None)


def test_a_service_runs_as_the_labs_user_in_its_folder() -> None:
    script = _script(SERVICE, SOMEBODY, (), HOME)
    assert "setpriv --reuid=1000 --regid=1001 --clear-groups sh -eu -c" in script
    assert "/lab/with space" in script
    assert script.rstrip().endswith("exec /opt/postgresql/postgres -c port=1'")


def test_what_is_done_once_comes_before_it_and_only_where_it_is_missing() -> None:
    once = [(["initdb", "-D", "data.part"], ""), (["postgres", "--single"], "CREATE DATABASE x\n")]
    script = _script(SERVICE, SOMEBODY, once, HOME / "data/PG_VERSION")
    wanted = ("if [ ! -e", "initdb -D data.part", "CREATE DATABASE x", "fi", "exec /opt/postgresql/postgres")
    places = [script.index(text) for text in wanted]
    assert places == sorted(places)
