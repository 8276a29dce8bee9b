from migrations import *
from tests.integration.store import test_migrate as t
async def test_tmp(empty_database):
    await t.migrate(empty_database.dsn)
    open("/tmp/w5_schema.txt","w").write(await t.describe(empty_database.dsn))
