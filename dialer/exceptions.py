"""Everything Cadencia's core raises, drawn as a tree.

CadenciaError
├── LinkUnavailable     the PBX cannot be reached now
├── ActionFailed        the PBX refused an order
├── FenceLost           another engine holds a newer lease: stop at once
├── VersionConflict     a guarded update hit no row: memory and database disagree
├── CommitRefused       the database refuses a value of a commit: a defect, giving it again is no use
├── StoreUnavailable    the database cannot be reached now: the same commit may be given again
│   └── MigrationRuns   somebody migrates it to the version that we need
├── BusUnavailable      Redis cannot be reached now: the command was not sent
├── MigrationFailed     the migration files and the database do not fit together
├── RolesAtWork         the schema may not go back under those who work with it
├── SchemaTooNew        the database was migrated by a newer version: this one cannot run on it
├── SettingUnusable     a setting names what is not there or cannot be used
└── Unsendable          a value that would break the manager protocol
"""


class CadenciaError(Exception):
    """Base of all."""


class LinkUnavailable(CadenciaError):
    """The PBX cannot be reached now."""


class ActionFailed(CadenciaError):
    """The PBX refused an order."""


class FenceLost(CadenciaError):
    """Another engine holds a newer lease."""


class VersionConflict(CadenciaError):
    """A guarded update hit no row."""


class CommitRefused(CadenciaError):
    """The database refuses a value of a commit."""


class StoreUnavailable(CadenciaError):
    """The database cannot be reached now; what was asked may be asked again."""


class MigrationRuns(StoreUnavailable):
    """Somebody migrates the database to the version that we need, and has not ended."""


class BusUnavailable(CadenciaError):
    """Redis cannot be reached now; the command was not sent."""


class MigrationFailed(CadenciaError):
    """The migration files and the database do not fit together."""


class RolesAtWork(CadenciaError):
    """The schema may not go back under those who work with it."""


class SchemaTooNew(CadenciaError):
    """The database was migrated by a newer version: this one cannot run on it."""


class SettingUnusable(CadenciaError):
    """A setting names what is not there or cannot be used: starting again is no cure."""


class Unsendable(CadenciaError):
    """A value with control characters, which could smuggle a manager command."""


def says_closed(error: RuntimeError) -> bool:
    """Whether it is the lost connection of somebody who wrote to it before being told.

    asyncio takes such a write silently and tells of the loss a step later; uvloop raises a RuntimeError,
    which libraries that know errors of the system only let through.
    """
    return "the handler is closed" in str(error)
