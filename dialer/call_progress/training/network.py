"""A small network fitted with Adam. Pure numpy, and the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.call_progress.model import Member

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit."""

    hidden: int = 24
    epochs: int = 12
    batch: int = 512
    rate: float = 3e-3
    decay: float = 1e-4
    seeds: tuple[int, ...] = (1, 2, 3)


def fit(inputs: Array, labels: Array, weights: Array, recipe: Recipe) -> tuple[Member, ...]:
    """One member for each seed. `inputs` (n, f) standardised, `labels` (n,) 0 or 1, `weights` (n,)."""
    return tuple(_member(inputs, labels, weights / weights.mean(), recipe, seed) for seed in recipe.seeds)


def _member(inputs: Array, labels: Array, weights: Array, recipe: Recipe, seed: int) -> Member:
    chance = np.random.default_rng(seed)
    shape = (inputs.shape[1], recipe.hidden)
    values = [
        chance.normal(0, 1 / np.sqrt(shape[0]), shape),
        np.zeros(recipe.hidden),
        chance.normal(0, 1 / np.sqrt(recipe.hidden), recipe.hidden),
        np.zeros(1),
    ]
    first, second = [np.zeros_like(v) for v in values], [np.zeros_like(v) for v in values]
    for step, (rows, rate) in enumerate(_batches(len(labels), recipe, chance), start=1):
        slopes = _slopes(values, inputs[rows], labels[rows], weights[rows], recipe.decay)
        for place, slope in enumerate(slopes):
            # Kingma and Ba 2015, algorithm 1.
            first[place] += 0.1 * (slope - first[place])
            second[place] += 0.001 * (slope**2 - second[place])
            scale = np.sqrt(second[place] / (1 - 0.999**step)) + 1e-8
            values[place] -= rate * first[place] / (1 - 0.9**step) / scale
    return Member(values[0], values[1], values[2], float(values[3][0]))


def _batches(n: int, recipe: Recipe, chance: np.random.Generator) -> Iterator[tuple[NDArray[np.intp], float]]:
    """Rows of each batch, and a rate that falls to a tenth along half a cosine."""
    steps = -(-n // recipe.batch) * recipe.epochs
    step = 0
    for _ in range(recipe.epochs):
        order = chance.permutation(n)
        for at in range(0, n, recipe.batch):
            yield order[at : at + recipe.batch], recipe.rate * (0.55 + 0.45 * np.cos(np.pi * step / steps))
            step += 1


def _slopes(values: list[Array], x: Array, y: Array, w: Array, decay: float) -> list[Array]:
    """Gradient of the weighted cross-entropy with a penalty on large weights."""
    hidden = np.tanh(x @ values[0] + values[1])
    p = 1 / (1 + np.exp(-np.clip(hidden @ values[2] + values[3], -40, 40)))
    error = w * (p - y) / len(y)
    back = np.outer(error, values[2]) * (1 - hidden**2)
    return [
        x.T @ back + decay * values[0],
        back.sum(axis=0),
        hidden.T @ error + decay * values[2],
        np.array([error.sum()]),
    ]
