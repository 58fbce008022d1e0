"""One palette for every figure: Okabe and Ito's colours, which colour-blind readers can tell apart."""

INK = "#1b2027"
MUTED = "#5f6b78"
RULE = "#d6dce3"
"""Ink, secondary text and hairlines; in the page they follow the reader's light or dark theme (`THEMED`)."""

_LEVELS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

THEMED = {INK: "var(--ink)", MUTED: "var(--muted)", RULE: "var(--rule)"} | {
    colour: f"var(--level-{place})" for place, colour in enumerate(_LEVELS)
}


def level_colour(place: int) -> str:
    """Colour of a covariate's level by its place in the protocol, the same in every figure."""
    return _LEVELS[place % len(_LEVELS)]
