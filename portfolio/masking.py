"""Phone numbers as logs and most screens may show them."""

SHOWN_AT_START = 4
SHOWN_AT_END = 3


def masked(number: str) -> str:
    """'+34612345678' → '+346•••••678'; a short one is hidden whole."""
    hidden = len(number) - SHOWN_AT_START - SHOWN_AT_END
    if hidden < 3:
        return "•" * len(number)
    return f"{number[:SHOWN_AT_START]}{'•' * hidden}{number[-SHOWN_AT_END:]}"
