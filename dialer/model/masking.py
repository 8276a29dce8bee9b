"""How a telephone number is shown where the whole of it is nobody's business."""

_SHOWN = 3


def masked(number: str) -> str:
    """'+34600111222' becomes '+34••••••222': enough to recognise a number, too little to call it."""
    hidden = len(number) - 2 * _SHOWN
    if hidden <= 0:
        return "•" * len(number)
    return number[:_SHOWN] + "•" * hidden + number[-_SHOWN:]
