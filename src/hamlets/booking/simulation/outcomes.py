"""What becomes of a booking: cancelled, missed or held, how, for how long, and what follows.

Chances depend on the request's own key and never on the order of events, so that two
policies meet the same patients with the same luck (common random numbers). Levels are
near those of the monthly appointment counts of English general practice.
"""

from __future__ import annotations

import math

import numpy

from hamlets.booking.simulation.slots import (
    ADVANCED,
    ALLIED,
    ASSISTANT,
    GP,
    HUB_GP,
    HUB_OTHER,
    NURSE,
    PHARMACIST,
)
from hamlets.continuity.compiled import boolean, compiled, integer, types

# What a draw decides: one number for each, so that no two decisions share their luck.
(
    CANCELS,
    CANCEL_DAY,
    MISSES,
    MODE,
    HOME,
    LENGTH,
    FOLLOWS,
    FOLLOW_DELAY,
    FOLLOW_KEY,
    DESK,
    PATIENT_ASKS,
    WHO,
    HUB,
    EVENING,
    EXTRA_BY_TELEPHONE,
) = range(100, 115)

FACE_TO_FACE, TELEPHONE, VIDEO, ONLINE, HOME_VISIT = 1, 2, 3, 4, 5  # MODES; a test holds them
BOOKED, ATTENDED, DID_NOT_ATTEND, CANCELLED = 1, 3, 4, 5  # STATUSES
SAME_DAY, ROUTINE, FOLLOW_UP = 1, 2, 3  # URGENCIES

_uint64 = types.uint64


@compiled(_uint64, _uint64, integer)
def mixed(key: int, purpose: int) -> int:
    """Return 64 well mixed bits of a key and a purpose (the finaliser of splitmix64)."""
    z = key + numpy.uint64(purpose) * numpy.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return z ^ (z >> numpy.uint64(31))  # pyright: ignore[reportReturnType]


@compiled(types.float64, _uint64, integer)
def draw(key: int, purpose: int) -> float:
    """Return a number in [0, 1) that depends on the key and the purpose alone."""
    return (mixed(key, purpose) >> numpy.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled(types.float64, integer)
def chance_cancelled(lead_days: int) -> float:
    """Return the chance that a booking is cancelled, by days between booking and contact."""
    if lead_days <= 0:
        return 0.02
    return min(0.035 + 0.004 * lead_days, 0.11)


@compiled(types.float64, integer, integer, integer, integer)
def chance_missed(lead_days: int, imd_decile: int, age: int, mode: int) -> float:
    """Return the chance that the patient does not come, by lead, deprivation, age and mode."""
    if mode in (ONLINE, HOME_VISIT):
        return 0.002
    base = 0.013 if lead_days <= 0 else min(0.029 + 0.0027 * lead_days, 0.075)
    age_factor = 1.35 if 16 <= age < 40 else (0.6 if age >= 65 else 1.0)
    mode_factor = 0.75 if mode == TELEPHONE else 1.1
    return base * (1.3 - 0.055 * (imd_decile - 1)) * age_factor * mode_factor


@compiled(types.int64, integer, integer, integer, boolean, types.float64, types.float64, _uint64)
def mode_of(
    group: int,
    age: int,
    urgency: int,
    housebound: bool,
    telephone: float,
    online: float,
    key: int,
) -> int:
    """Return how a contact takes place (a position in MODES).

    ``telephone`` and ``online`` are the practice's shares over all its contacts.
    """
    clinical = group in (GP, NURSE, ADVANCED)
    if housebound and clinical and draw(key, HOME) < 0.5:
        return HOME_VISIT
    by_group = 0.75
    if group in (GP, HUB_GP):
        by_group = 1.45 if urgency == SAME_DAY else 1.15
    elif group in (NURSE, HUB_OTHER):
        by_group = 0.4
    elif group == ASSISTANT:
        by_group = 0.05
    elif group == PHARMACIST:
        by_group = 1.7
    by_age = 0.55 if age < 5 else (0.75 if age < 16 else (0.8 if age >= 75 else 1.1))
    by_screen = 0.5 if age < 16 else (0.3 if age >= 75 else (0.7 if age >= 65 else 1.3))
    u = draw(key, MODE)
    u -= min(telephone * by_group * by_age, 0.9)
    if u < 0:
        return TELEPHONE
    if group in (ASSISTANT, NURSE):
        return FACE_TO_FACE
    # Nurses and assistants (a third of contacts) have none, so the others have more.
    u -= min(online * 1.5 * by_screen, 0.5)
    if u < 0:
        return ONLINE if u < -0.4 * online * 1.5 * by_screen else VIDEO
    return FACE_TO_FACE


@compiled(types.int64, integer, integer, _uint64)
def minutes_of(group: int, mode: int, key: int) -> int:
    """Return how long a contact took, in minutes: gamma with shape 4 about a mean."""
    if mode == HOME_VISIT:
        mean = 28.0
    elif mode == TELEPHONE:
        mean = 10.0 if group in (PHARMACIST, ALLIED) else 7.0
    elif mode == ONLINE:
        mean = 5.0
    elif mode == VIDEO:
        mean = 9.0
    elif group in (GP, HUB_GP):
        mean = 11.5
    elif group in (NURSE, HUB_OTHER):
        mean = 15.5
    elif group in (ASSISTANT, ADVANCED):
        mean = 12.5
    else:
        mean = 19.0
    product = 1.0
    for part in range(4):
        product *= 1.0 - draw(key, LENGTH * 10 + part)
    return max(1, min(120, round(-math.log(product) / 4.0 * mean)))


@compiled(types.float64, integer, integer, boolean)
def chance_followed_up(group: int, age: int, has_condition: bool) -> float:
    """Return the chance that a clinician who saw a patient asks for another contact."""
    base = 0.15 if group == GP else 0.11
    return base + (0.07 if has_condition else 0.0) + (0.03 if age >= 65 else 0.0)


@compiled(types.int64, _uint64)
def follow_up_delay(key: int) -> int:
    """Return in how many days the clinician wants the patient back: 3 to 36."""
    u, jitter = draw(key, FOLLOW_DELAY), int(draw(key, FOLLOW_DELAY + 1000) * 5)
    if u < 0.28:
        return 5 + jitter
    if u < 0.60:
        return 12 + jitter
    if u < 0.75:
        return 19 + jitter
    return 26 + 2 * jitter
