"""Which of the leads that may be called are called together.

What helps, and what does not. Calls with chances p bring Σp live answers with variance Σp(1 − p): for the
same Σp few likely leads are steadier than many unlikely ones. But every lead is called some day, and Σp²
over the whole list is the same in any order: to skim the best only moves the unsteady hours to the end.
Three things remain:

1. The sum. The pacer wants so many live answers, so leads are taken until their chances come nearest to
   that, not until a count is reached: what the contact gate refuses is made up for, and likely leads do not
   overshoot.
2. Time apart. Most of the work comes from the likely leads, so phases of either kind give a little more
   than the mixture, if a phase outlasts a ring of 20 s. So a *generation*, the next leads of the queue, is
   called up in falling chance before the next one opens; at five agents it lasts minutes. Measured with a
   plain marginal rule in the Markov world of the pacing benchmarks, five agents, half the leads 30 % and
   half 6 %, 3 × 400 hours at 3 % abandoned: busy 81.0 % of the time against 80.8 % mixed. It is little
   (with more agents a generation is over too soon; not measured), but it costs nothing.
3. Nobody is lost. Only leads of one generation change places: no lead is overtaken by more than GENERATION
   − 1 leads of its own rank, and the lead at place k of its rank is called within ceil(k / GENERATION)
   generations, however low its chance. Rank comes first: no lead of higher priority, and no promised
   callback that is due, is passed over.
"""

import numpy as np
from numpy.typing import NDArray

from pacing.leads import Numbers

GENERATION = 40
"""Leads that may change places with each other."""


def launch_order(chances: Numbers, ranks: NDArray[np.int64], current: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The order of calling of leads that stand in the order of the queue.

    The highest rank first, then members of the current generation, then the likeliest, then the queue.
    """
    queue = np.arange(chances.size)
    return np.lexsort((queue, -chances, ~current, -ranks))


def wants_more(total: float, chance: float, wanted: float | None) -> bool:
    """Whether one more call brings the sum of chances nearer to what is wanted; None = always.

    The first call is always wanted: who asks for calls gets one.
    """
    return wanted is None or total <= 0.0 or abs(total + chance - wanted) < abs(wanted - total)


def fit_together(
    chances: Numbers,
    wanted_live: float | None,
    most: int,
    *,
    ranks: NDArray[np.int64] | None = None,
    current: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """The leads to call now, as places in the queue, when every one of them may be called."""
    ranks = np.zeros(chances.size, dtype=np.int64) if ranks is None else ranks
    current = np.zeros(chances.size, dtype=np.bool_) if current is None else current
    order = launch_order(chances, ranks, current)[:most]
    total = 0.0
    for count, place in enumerate(order):
        if not wants_more(total, float(chances[place]), wanted_live):
            return order[:count]
        total += float(chances[place])
    return order
