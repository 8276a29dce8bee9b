"""Tails of sums of independent yes-or-no chances (the Poisson binomial law), at several instants at once."""

import math

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

EXACT = 44
"""Chances up to which the law is inverted exactly; beyond, a normal law with a correction for skewness stands for it."""


class Shortage:
    """P(at least `many` of the chances come true) at each instant, also when further chances join.

    `chances` has shape (n, instants). Exact: the characteristic function at the M-th roots of unity, M > n, inverted
    (Hong 2013, "On computing the distribution function for the Poisson binomial distribution"). Beyond: the refined
    normal approximation of Volkova 1996, with continuity correction.
    """

    def __init__(self, chances: Matrix, many: int, most: int) -> None:
        self._many, self._total = many, chances.shape[0]
        self._exact = 0 < self._total + most <= EXACT
        if self._exact:
            self._roots, self._tail = _circle(self._total + most + 1, many)
            self._phi = np.multiply.reduce(1.0 + chances[:, :, None] * self._roots, axis=0)
        else:
            rest = chances * (1.0 - chances)
            skew = rest - 2.0 * rest * chances
            self._moments = tuple(np.add.reduce(part, axis=0) for part in (chances, rest, skew))

    def with_more(self, more: Matrix) -> Matrix:
        """Row d: with the first d rows of `more` (k, instants) joined; shape (k + 1, instants)."""
        if self._exact:
            grown = np.empty((more.shape[0] + 1, *self._phi.shape), dtype=np.complex128)
            grown[0] = self._phi
            np.multiply(more[:, :, None], self._roots, out=grown[1:])
            grown[1:] += 1.0
            return np.asarray((np.multiply.accumulate(grown, axis=0) @ self._tail).real)
        rest = more * (1.0 - more)
        mean, var, skew = (
            np.add.accumulate(np.concatenate((moment[None, :], joined)), axis=0)
            for moment, joined in zip(self._moments, (more, rest, rest - 2.0 * rest * more), strict=True)
        )
        return _refined_tail(mean, var, skew, self._many)


def _circle(size: int, many: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """(roots of unity less one, weights) with P(Y ≥ many) = Re Σ φ·weights, by symmetry over half of the circle."""
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
    sd = np.sqrt(np.maximum(var, 1e-12))
    z = ((many - 0.5) - mean) / sd
    square = z * z
    density = np.exp(-0.5 * square) * _DENSITY
    t = 1.0 / (1.0 + 0.2316419 * np.abs(z))
    # P(Z > |z|) of the normal law; Abramowitz & Stegun 26.2.17, error below 7.5e-8.
    upper = density * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.where(z >= 0, upper, 1.0 - upper)
    upper += skew * (square - 1.0) * density / (6.0 * sd * np.maximum(var, 1e-12))
    return np.asarray(np.minimum(1.0, np.maximum(0.0, upper)))


_DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
