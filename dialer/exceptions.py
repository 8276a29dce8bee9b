"""Everything Cadencia's core raises, drawn as a tree.

CadenciaError
├── LinkUnavailable     the PBX cannot be reached now
├── ActionFailed        the PBX refused an order
├── FenceLost           another engine holds a newer lease: stop at once
├── VersionConflict     a guarded update hit no row: memory and database disagree
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


class Unsendable(CadenciaError):
    """A value with control characters, which could smuggle a manager command."""
