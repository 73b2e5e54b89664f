"""Names and NHS numbers of invented patients, for stores that keep such things.

Nobody can take them for real: every surname is Example- and a plant, and every number begins
with 999, the range that is never given to a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.booking.simulation.arrays import numbered
from hamlets.booking.simulation.names import FLOWERS, TREES
from hamlets.booking.simulation.world import stream

PURPOSE = 70
GIVEN_NAMES = (
    "Pat", "Sam", "Alex", "Robin", "Kim", "Lee", "Jo", "Charlie", "Jules", "Noor", "Amal",
    "Kiran", "Iman", "Nur", "Frankie", "Jamie", "Max", "Nico", "Ola", "Parveen", "Quinn", "Rory",
    "Sasha", "Taylor", "Toni", "Val", "Wren", "Yuri", "Zia", "Ari", "Bao", "Deniz",
)  # fmt: skip
"""Names of anybody: the simulation draws sex and language without them."""
_SURNAMES = (*TREES, *FLOWERS)
_RANGE = 1_000_000
"""Six digits lie between 999 and the check digit."""
_WEIGHTS = np.arange(10, 1, -1)

Ints = npt.NDArray[np.int64]


def block_of(list_sizes: Sequence[int], practice: int) -> range:
    """Return the part of the 999 range that a practice's patients have their numbers from.

    It goes by size of list, so that nothing depends on which practice is made first. A borough
    of more than about 700,000 patients has some without a number, as records have.
    """
    before, total = sum(list_sizes[:practice]), max(sum(list_sizes), 1)
    upto = before + list_sizes[practice]
    return range(before * _RANGE // total, upto * _RANGE // total)


def draw_names(seed: int, practice: int, household: npt.NDArray[np.int32]) -> pa.Array:
    """Return a name for each patient; people of one household share the surname."""
    random = stream(seed, practice, PURPOSE)
    homes, of_home = np.unique(household, return_inverse=True)
    surname = random.integers(len(_SURNAMES), size=homes.size)[of_home]
    given = random.integers(len(GIVEN_NAMES), size=household.size)
    names = [
        f"{GIVEN_NAMES[g]} Example-{_SURNAMES[s]}"
        for g, s in zip(given.tolist(), surname.tolist(), strict=True)
    ]
    return pa.array(names, pa.string())


def numbers_in(block: range, count: int) -> pa.Array:
    """Return the first valid numbers of a block for ``count`` patients; null when it is used up."""
    middle = np.arange(block.start, block.stop, dtype=np.int64)
    check = _check_digits(middle)
    valid = np.flatnonzero(check < 10)[:count]
    found = numbered("999", middle[valid] * 10 + check[valid], 7)
    return pa.concat_arrays([found, pa.nulls(count - valid.size, pa.string())])


def _check_digits(middle: Ints) -> Ints:
    """Return the check digit of 999 and six digits (modulus 11); 10 where there is none."""
    body = 999 * _RANGE + middle
    digits = body[:, None] // 10 ** np.arange(8, -1, -1) % 10
    return (11 - (digits * _WEIGHTS).sum(axis=1) % 11) % 11
