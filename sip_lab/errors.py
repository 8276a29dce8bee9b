"""What can go wrong in the lab, each with its cure in the message."""


class LabError(Exception):
    """The lab cannot go on. The message says what to do about it."""


class NoPackageSource(LabError):
    """No Debian mirror is known to this machine's apt, and none was named."""


class PackageFailure(LabError):
    """Debian's packages could not be fetched or unpacked."""


class NotReady(LabError):
    """A service did not become ready in time, or keeps dying."""


class NoFreePorts(LabError):
    """Every block of ports the lab may use is taken."""


class NoEngine(LabError):
    """No Docker engine answers, and none can be started here."""


class NoBase(LabError):
    """The image that others are built on can be had neither from a registry nor from a Debian mirror."""
