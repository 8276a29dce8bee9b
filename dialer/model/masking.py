"""How a telephone number is shown where the whole of it is nobody's business: one rule, `portfolio.masking`."""

from portfolio.masking import masked

__all__ = ["masked"]
