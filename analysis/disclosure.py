"""Small cells (rule R9.9): which counts of a group may be shown, and as what."""

from collections.abc import Sequence

SUPPRESSED = "suppressed"

OLDEST_AGE_SHOWN = 89
"""Years; ages above it identify people and print as one category (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C))."""

FEWEST_FOR_A_CURVE = 10
"""Patients below which a group's survival is not exported (rule R9.9)."""

FEWEST_PATIENTS = 10
"""Patients below which a page that may be passed on prints no number of them."""


def shown_counts(counts: Sequence[int], k: int) -> tuple[str, ...]:
    """The cells of one group with a known total, in their order: the count, '<k', or 'suppressed'.

    Args:
        counts: patients in each cell; they sum to a total that readers know.
        k: the smallest count that may be shown; 1 to k - 1 are hidden and 0 is not.

    A single hidden cell is the total minus the others, so the smallest other cell that is not zero is hidden with it.
    Where the hidden total leaves only one way to fill the small cells, one more cell is hidden.
    """
    small = {place for place, count in enumerate(counts) if 0 < count < k}
    hidden = set(small)
    others = sorted(
        (place for place, count in enumerate(counts) if count and place not in small), key=lambda place: counts[place]
    )
    for place in others:
        if not _gives_away(counts, hidden, small, k):
            break
        hidden.add(place)
    return tuple(_shown(count, place, hidden, small, k) for place, count in enumerate(counts))


def _gives_away(counts: Sequence[int], hidden: set[int], small: set[int], k: int) -> bool:
    if not small:
        return False
    if len(hidden) == 1:
        return True
    total = sum(counts[place] for place in hidden)
    fewest, most = len(hidden), len(hidden) * (k - 1)
    return hidden == small and total in (fewest, most)


def _shown(count: int, place: int, hidden: set[int], small: set[int], k: int) -> str:
    if place not in hidden:
        return str(count)
    return f"<{k}" if place in small else SUPPRESSED


def shown_patients(count: int) -> str:
    """A number of patients of a list whose total nobody knows: '<10' from one to nine, else the number."""
    return f"<{FEWEST_PATIENTS}" if 0 < count < FEWEST_PATIENTS else f"{count:,}"
