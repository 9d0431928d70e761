"""What can go wrong in one world, and how often: a dial for every kind of failure.

Each world turns a few dials and leaves the rest alone, since some faults hide others. Invariant: whatever is decided
is decided by the world's own random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from random import Random


@dataclass(frozen=True)
class Faults:
    """Chances per call or per frame, and mean seconds between events (0: never)."""

    # calls
    call_refused: float = 0.0  # no connection: nothing left
    call_lost: float = 0.0  # left and never arrived
    call_late: float = 0.0  # arrives up to 40 s later
    call_doubled: float = 0.0  # arrives twice
    answer_lost: float = 0.0  # carried out, and the answer never came
    answer_late: float = 0.0  # up to 15 s on its way
    answer_broken: float = 0.0  # the connection ends within the body
    answer_garbled: float = 0.0  # half a body with HTTP 200
    answer_5xx: float = 0.0  # a gateway's page instead of the answer; carried out or not
    answer_429: float = 0.0  # not carried out
    answer_stale: float = 0.0  # a list as it was some seconds ago
    # frames
    frame_lost: float = 0.0
    frame_doubled: float = 0.0
    frame_swapped: float = 0.0  # overtaken by the next
    frame_cut: float = 0.0  # half of it
    frame_late: float = 0.0  # holds up all that follow
    # connections
    cut_every_s: float = 0.0
    cut_early: float = 0.0  # the connection ends within its first frames
    dead_every_s: float = 0.0  # nothing comes any more, and nobody says so
    # machines
    desk_crash_every_s: float = 0.0
    exchange_crash_every_s: float = 0.0
    exchange_forgets: float = 0.0  # a crash loses the last moment
    maintenance_every_s: float = 0.0
    sleep_every_s: float = 0.0  # the desk's computer
    clock_jump_every_s: float = 0.0
    skewed: float = 0.0
    disk_full_every_s: float = 0.0
    journal_damaged: float = 0.0  # when a desk crashes
    # the market
    price_jump_every_s: float = 0.0
    crunch_every_s: float = 0.0  # it goes to where a position is liquidated
    overrun: float = 0.0  # of an edit: the market comes for the order meanwhile
    # others on the account
    stranger_every_s: float = 0.0  # a program that knows nothing of client ids
    partner: float = 0.0  # a second desk


_TURNED = Faults(
    call_refused=0.05,
    call_lost=0.08,
    call_late=0.12,
    call_doubled=0.08,
    answer_lost=0.12,
    answer_late=0.2,
    answer_broken=0.05,
    answer_garbled=0.05,
    answer_5xx=0.08,
    answer_429=0.03,
    answer_stale=0.4,
    frame_lost=0.1,
    frame_doubled=0.1,
    frame_swapped=0.1,
    frame_cut=0.04,
    frame_late=0.05,
    cut_every_s=9.0,
    cut_early=0.4,
    dead_every_s=22.0,
    desk_crash_every_s=11.0,
    exchange_crash_every_s=18.0,
    exchange_forgets=0.5,
    maintenance_every_s=22.0,
    sleep_every_s=22.0,
    clock_jump_every_s=15.0,
    skewed=1.0,
    disk_full_every_s=15.0,
    journal_damaged=0.5,
    price_jump_every_s=6.0,
    crunch_every_s=8.0,
    overrun=1.0,
    stranger_every_s=7.0,
    partner=1.0,
)
NONE = Faults()


def drawn(rng: Random) -> Faults:
    """A few dials, each turned between a quarter and all of its range."""
    chance = rng.choice((0.1, 0.25, 0.5))
    turned = {}
    for field in fields(Faults):
        full = getattr(_TURNED, field.name)
        if not full or rng.random() > chance:
            continue
        strength = rng.uniform(0.25, 1.0)
        turned[field.name] = full / strength if field.name.endswith("_s") else full * strength
    if "partner" in turned:  # clocks that disagree would need a key each
        turned.pop("clock_jump_every_s", None)
    return replace(NONE, **turned)
