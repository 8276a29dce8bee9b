"""What the network says of a call that nobody answered: SIP status, Q.850 cause, tones; raw values are kept.

Sources: RFC 3261 §21, RFC 8197 (607), RFC 8688 (608), ITU-T Q.850 table 1, RFC 3398 §8.2.6, and Asterisk's
`ast_sip_hangup_sip2cause`.
"""

import re

from dialer.model.outcomes import Outcome

_STATUS = re.compile(r"\bSIP (\d{3})\b")

_BY_STATUS: dict[int, Outcome] = {
    **dict.fromkeys((401, 402, 403, 407, 415, 488, 606), Outcome.BARRED),
    **dict.fromkeys((404, 484, 485, 604), Outcome.UNALLOCATED),
    **dict.fromkeys((408, 480, 487), Outcome.NO_ANSWER),
    410: Outcome.NUMBER_CHANGED,
    **dict.fromkeys((486, 600), Outcome.BUSY),
    503: Outcome.CONGESTION,
    603: Outcome.DECLINED,
    607: Outcome.UNWANTED,
    608: Outcome.CALLER_BLOCKED,
}
"""A status says more than the cause Asterisk makes of it: 403, 603, 607 and 608 are all cause 21."""

_BY_CAUSE: dict[int, Outcome] = {
    1: Outcome.UNALLOCATED,
    2: Outcome.CARRIER_FAILURE,
    3: Outcome.CARRIER_FAILURE,
    4: Outcome.INTERCEPT,
    16: Outcome.NO_ANSWER,
    17: Outcome.BUSY,
    18: Outcome.NO_ANSWER,
    19: Outcome.NO_ANSWER,
    20: Outcome.UNREACHABLE,
    21: Outcome.REJECTED,
    22: Outcome.NUMBER_CHANGED,
    26: Outcome.NO_ANSWER,
    27: Outcome.CARRIER_FAILURE,
    28: Outcome.UNALLOCATED,
    31: Outcome.NO_ANSWER,
    34: Outcome.CONGESTION,
    38: Outcome.CARRIER_FAILURE,
    41: Outcome.CARRIER_FAILURE,
    42: Outcome.CONGESTION,
    44: Outcome.CONGESTION,
    50: Outcome.BARRED,
    52: Outcome.BARRED,
    57: Outcome.BARRED,
    58: Outcome.CARRIER_FAILURE,
    102: Outcome.NO_ANSWER,
    127: Outcome.CARRIER_FAILURE,
}

HEARD_OUTCOMES: dict[str, Outcome] = {
    "busy": Outcome.BUSY,
    "congestion": Outcome.CONGESTION,
    "unallocated": Outcome.UNALLOCATED,
    "number_changed": Outcome.NUMBER_CHANGED,
    "intercept": Outcome.INTERCEPT,
    "no_answer": Outcome.NO_ANSWER,
    "unreachable": Outcome.UNREACHABLE,
    "rejected": Outcome.REJECTED,
    "voicemail": Outcome.MACHINE,
    "fax": Outcome.FAX,
}
"""Word of the detector, for a tone or a recorded announcement → outcome."""


def sip_status(words: str) -> int | None:
    """The status in the PBX's words, such as 'SIP 486'; None when they hold none."""
    found = _STATUS.search(words)
    return int(found[1]) if found else None


def outcome_of_signalling(cause: int, status: int | None = None) -> Outcome:
    """Outcome of a call that ended unanswered; what no table lists is UNKNOWN, or with 5xx the carrier's."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if cause in _BY_CAUSE:
        return _BY_CAUSE[cause]
    return Outcome.CARRIER_FAILURE if status is not None and 500 <= status < 600 else Outcome.UNKNOWN


def no_common_codec(cause: int, status: int | None = None) -> bool:
    """Whether a call that had rung, or was answered, ended because the two sides speak no codec in common.

    Asterisk ends such a call as 488 with cause 58 (RFC 3261 §21.4.26, RFC 3264 §6.1; Q.850 58, 65, 88).
    """
    return status in (488, 606) or (status is None and cause in (58, 65, 88))


def heard_outcome(word: str) -> Outcome:
    """Outcome of a tone or announcement; a word that is not listed is an announcement of unknown meaning."""
    return HEARD_OUTCOMES.get(word, Outcome.INTERCEPT)
