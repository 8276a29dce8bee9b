"""The register of complaints: who said what, by when it is answered, and the number they were told."""

from portfolio.complaints.case_number import spoken
from portfolio.complaints.register import (
    Complaint,
    NewComplaint,
    NotAllowed,
    Pressing,
    State,
    UnknownComplaint,
    Via,
    answer,
    close,
    complaints,
    one,
    open_complaint,
    pressing,
)

__all__ = [
    "Complaint",
    "NewComplaint",
    "NotAllowed",
    "Pressing",
    "State",
    "UnknownComplaint",
    "Via",
    "answer",
    "close",
    "complaints",
    "one",
    "open_complaint",
    "pressing",
    "spoken",
]
