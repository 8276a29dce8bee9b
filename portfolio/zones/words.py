"""How regions and postal codes are compared: without accents, case and punctuation."""

import unicodedata


def folded(text: str) -> str:
    """'São Paulo ' → 'sao paulo', 'B.C.S.' → 'bcs'."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace(".", ""))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def postal_digits(code: str) -> str:
    """The digits of a postal code: '50000-123' → '50000123'; '' when it has letters."""
    plain = code.strip().replace("-", "").replace(" ", "").replace(".", "")
    return plain if plain.isascii() and plain.isdigit() else ""
