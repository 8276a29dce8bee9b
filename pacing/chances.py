"""Tails of sums of independent yes-or-no chances (the Poisson binomial law), at several instants at once."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_SURE = 0.06
"""Share of the variance by which the doubt may add to it before it must be heeded."""
EXACT = 44
"""Chances up to which the law is inverted exactly; beyond, a normal law with a correction for skewness
stands for it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure the chances themselves are, all in the same direction: coefficients of variation."""

    frees: float = 0.0
    """Of the expected agents who become free."""
    needs: float = 0.0
    """Of the expected persons who answer."""


class Shortage:
    """P(at least `many` agents are busy or needed) at each instant, also when further calls join.

    `busy` and `needs` hold chances, shapes (n, instants). Exact where the chances themselves are known
    well and few: the characteristic function at the M-th roots of unity, M > n, inverted (Hong 2013, "On
    computing the distribution function for the Poisson binomial distribution"). Else the refined normal
    approximation (Volkova 1996) with continuity correction, whose variance takes in the doubt about the
    level: (doubt × expected number)².
    """

    def __init__(self, busy: Matrix, needs: Matrix, many: int, most: int, doubt: Doubt) -> None:
        self._many, self._doubt = many, doubt
        terms = busy.shape[0] + needs.shape[0] + most
        self._exact = terms <= EXACT and self._sure(busy, needs)
        chances = np.concatenate((busy, needs))
        if self._exact:
            self._roots, self._tail = _circle(terms + 1, many)
            self._phi = np.multiply.reduce(1.0 + chances[:, :, None] * self._roots, axis=0)
        else:
            rest = chances * (1.0 - chances)
            skew = rest - 2.0 * rest * chances
            self._needed = np.add.reduce(needs, axis=0)
            self._mean = np.add.reduce(chances, axis=0)
            self._var, self._skew = np.add.reduce(rest, axis=0), np.add.reduce(skew, axis=0)
            self._var = self._var + (doubt.frees * (busy.shape[0] - self._mean + self._needed)) ** 2

    def _sure(self, busy: Matrix, needs: Matrix) -> bool:
        """Whether the doubt adds little to the chance of one by one; judged at the last instant."""
        frees = busy.shape[0] - float(np.add.reduce(busy[:, -1]))
        wanted = float(np.add.reduce(needs[:, -1])) + 1.0
        doubt = (self._doubt.frees * frees) ** 2 + (self._doubt.needs * wanted) ** 2
        return bool(doubt < _SURE * (frees + wanted))

    def with_more(self, more: Matrix) -> Matrix:
        """Row d: with the first d rows of `more` (k, instants) joined; shape (k + 1, instants)."""
        if self._exact:
            grown = np.empty((more.shape[0] + 1, *self._phi.shape), dtype=np.complex128)
            grown[0] = self._phi
            np.multiply(more[:, :, None], self._roots, out=grown[1:])
            grown[1:] += 1.0
            return np.asarray((np.multiply.accumulate(grown, axis=0) @ self._tail).real)
        rest = more * (1.0 - more)
        joined = np.add.accumulate(more, axis=0)
        mean, var, skew = (
            np.concatenate((moment[None, :], moment + np.add.accumulate(part, axis=0)))
            for moment, part in (
                (self._mean, more),
                (self._var, rest),
                (self._skew, rest - 2.0 * rest * more),
            )
        )
        needed = np.concatenate((self._needed[None, :], self._needed + joined))
        return _refined_tail(mean, var + (self._doubt.needs * needed) ** 2, skew, self._many)


def _circle(size: int, many: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """(roots of unity less one, weights) with P(Y ≥ many) = Re Σ φ·weights, by symmetry over half of the
    circle."""
    key = (size, max(0, min(size, many)))
    found = _CIRCLES.get(key)
    if found is None:
        if len(_CIRCLES) > _MOST_CIRCLES:
            _CIRCLES.clear()
        found = _CIRCLES[key] = _circle_of(*key)
    return found


_CIRCLES: dict[tuple[int, int], tuple[NDArray[np.complex128], NDArray[np.complex128]]] = {}
"""A cache, not a state: the same key gives the same weights."""
_MOST_CIRCLES = 4000


def _circle_of(size: int, many: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    half = np.arange(size // 2 + 1)
    roots = np.exp(2j * np.pi * half / size)
    tail = np.exp(-2j * np.pi * np.outer(np.arange(many, size), half) / size).sum(axis=0) / size
    twice = np.where((half == 0) | (2 * half == size), 1.0, 2.0)
    return roots - 1.0, tail * twice


def _refined_tail(mean: Matrix, var: Matrix, skew: Matrix, many: int) -> Matrix:
    var = np.maximum(var, 1e-12)
    sd = np.sqrt(var)
    z = ((many - 0.5) - mean) / sd
    square = z * z
    upper = np.interp(z, _GRID, _UPPER)
    upper += skew * (square - 1.0) * np.exp(-0.5 * square) / (_SIX_ROOTS * sd * var)
    return np.asarray(np.minimum(1.0, np.maximum(0.0, upper)))


_SIX_ROOTS = 6.0 * math.sqrt(2.0 * math.pi)
_GRID = np.linspace(-8.0, 8.0, 4001)
_UPPER = np.asarray([0.5 * math.erfc(z / math.sqrt(2.0)) for z in _GRID.tolist()])
"""P(Z > z) of the normal law on the grid; straight lines between are off by less than 6e-7."""
