"""One palette for every figure: Okabe and Ito's colours, which colour-blind readers can tell apart."""

INK = "#1b2027"
MUTED = "#5f6b78"
RULE = "#d6dce3"
PAPER = "#ffffff"
"""Ink, secondary text, hairlines, what hollow marks are filled with; in the page they follow its theme (`THEMED`)."""

_LEVELS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

THEMED = {INK: "var(--ink)", MUTED: "var(--muted)", RULE: "var(--rule)", PAPER: "var(--paper)"} | {
    colour: f"var(--level-{place})" for place, colour in enumerate(_LEVELS)
}

_CR, _PR, _SD, _NEITHER, _PD = (_LEVELS[place] for place in (2, 0, 5, 3, 1))
_BY_RESPONSE = {"CR": _CR, "PR": _PR, "SD": _SD, "NON-CR/NON-PD": _NEITHER, "PD": _PD}


def response_colour(category: str) -> str:
    """Colour of a best response, the same in waterfall, spider and swimmer; grey without a response."""
    return _BY_RESPONSE.get(category, MUTED)


def level_colour(place: int) -> str:
    """Colour of a covariate's level by its place in the protocol, the same in every figure."""
    return _LEVELS[place % len(_LEVELS)]
