"""How a telephone number is shown where not all of it may be seen: by the one rule of `portfolio.masking`."""

from portfolio.masking import masked

__all__ = ["masked"]
