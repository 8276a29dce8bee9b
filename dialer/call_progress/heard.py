"""The closed lists of what the network may tell by sound."""

from enum import StrEnum


class HeardOutcome(StrEnum):
    """What a tone or announcement means for the call; dialer.model.signalling makes an outcome of it."""

    BUSY = "busy"
    CONGESTION = "congestion"
    UNALLOCATED = "unallocated"
    NUMBER_CHANGED = "number_changed"
    INTERCEPT = "intercept"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    VOICEMAIL = "voicemail"
    FAX = "fax"


class ToneName(StrEnum):
    """Tones that are told apart."""

    BUSY = "busy"
    CONGESTION = "congestion"
    RINGBACK = "ringback"
    DIAL = "dial"
    INFO = "info"
    """An information tone of one frequency, such as Spain's 950 Hz."""
    INFO_ONCE = "info_once"
    """The same, heard once: certain before the answer only, since afterwards it may be somebody's beep."""
    UNOBTAINABLE = "unobtainable"
    """A steady tone for a number that is not in service (United Kingdom)."""
    SIT_IC = "sit_ic"
    """Special information tone: intercept, the number was changed or is out of service."""
    SIT_VC = "sit_vc"
    """Vacant code: no such number."""
    SIT_RO = "sit_ro"
    """Reorder: the network is full."""
    SIT_NC = "sit_nc"
    """No circuit."""
    SIT = "sit"
    """The tone of ITU-T E.180, which stands before any announcement."""
    FAX_CED = "fax_ced"
    """A fax or modem answers."""
    FAX_CNG = "fax_cng"
    """A fax calls."""
    BEEP = "beep"


NO_SUCH_NUMBER = frozenset({ToneName.SIT_IC, ToneName.SIT_VC})
"""Tones of the network that are said of a number alone: it does not exist."""
MEANING: dict[ToneName, HeardOutcome] = {
    ToneName.BUSY: HeardOutcome.BUSY,
    ToneName.CONGESTION: HeardOutcome.CONGESTION,
    ToneName.INFO: HeardOutcome.INTERCEPT,
    ToneName.UNOBTAINABLE: HeardOutcome.UNALLOCATED,
    ToneName.SIT_IC: HeardOutcome.UNALLOCATED,
    ToneName.SIT_VC: HeardOutcome.UNALLOCATED,
    ToneName.SIT_RO: HeardOutcome.CONGESTION,
    ToneName.SIT_NC: HeardOutcome.CONGESTION,
    ToneName.SIT: HeardOutcome.INTERCEPT,
    ToneName.FAX_CED: HeardOutcome.FAX,
    ToneName.FAX_CNG: HeardOutcome.FAX,
}
"""Tones that end a call. Ringback, dial tone and beeps do not."""
