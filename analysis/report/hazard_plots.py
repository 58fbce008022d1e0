"""Plots of proportional hazards: scaled Schoenfeld residuals with a smooth, and curves on a log-log scale."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.estimates.hazards import PROPORTIONAL, RESIDUALS, SMOOTH
from analysis.estimates.survival import CURVE
from analysis.report.axes import SIZE
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED, level_colour
from analysis.report.panels import dress, grid_of
from analysis.report.parts import Number, label_text, plain, say
from analysis.report.svg import ARD, FROM
from models.protocol import Covariate, EndpointChoice

_SHARES = (0.9, 0.75, 0.5, 0.25, 0.1)
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60)


def draw_residuals(results: Results, endpoint: str, covariates: tuple[Covariate, ...]) -> Figure:
    """One panel a coefficient: each event's residual over time, a smooth with its band, and the factor's P value."""
    smooths = {(place.variable, place.variable_level): place for place in results.places(SMOOTH)}
    terms = [
        (covariate, level)
        for covariate in covariates
        for level in covariate.levels
        if (covariate.name, level.label) in smooths
    ]
    panels = grid_of(len(terms))
    for axes, (covariate, level) in zip(panels.axes, terms, strict=True):
        place = smooths[covariate.name, level.label]
        _draw_points(axes, results, place)
        _draw_smooth(axes, results, place)
        axes.axhline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        title = plain(say("{factor}: {level}", factor=label_text(covariate), level=label_text(level)))
        dress(axes, title, tr("Months"), tr("log hazard ratio"))
        test = Number(results.number(Place(PROPORTIONAL, endpoint, variable=covariate.name), "p_value"), "p")
        style: dict[str, Any] = {
            "transform": axes.transAxes,
            "ha": "right",
            "va": "top",
            "fontsize": SIZE,
            "color": INK,
        }
        axes.text(0.82, 0.98, "P", **style)
        axes.text(0.98, 0.98, str(test), gid=f"{ARD}{test.row.ard_id}#{level.label}", **style)
    return panels.figure


def _draw_points(axes: Axes, results: Results, smooth: Place) -> None:
    of_term = (smooth.variable, smooth.variable_level)
    places = [place for place in results.places(RESIDUALS) if (place.variable, place.variable_level) == of_term]
    months = [results.number(place, "months").value or 0.0 for place in places]
    values = [results.number(place, "residual").value or 0.0 for place in places]
    axes.plot(months, values, linestyle="none", marker="o", markersize=3.4, color=MUTED, alpha=0.75, markeredgewidth=0)


def _draw_smooth(axes: Axes, results: Results, place: Place) -> None:
    lines = {name: list(results.of(place, name)) for name in ("log_hr", "lower", "upper")}
    months = [row.time_months or 0.0 for row in lines["log_hr"]]
    values = {name: [row.value or 0.0 for row in rows] for name, rows in lines.items()}
    axes.fill_between(months, values["lower"], values["upper"], color=level_colour(0), alpha=0.15, linewidth=0)
    axes.plot(months, values["log_hr"], color=level_colour(0), linewidth=1.6)


def draw_log_log(results: Results, endpoint: EndpointChoice, covariates: tuple[Covariate, ...]) -> Figure:
    """One panel a factor: survival on a complementary log-log axis over log time, where equal gaps are equal ratios."""
    panels = grid_of(len(covariates))
    for axes, covariate in zip(panels.axes, covariates, strict=True):
        axes.set_xscale("log")
        axes.set_yscale("function", functions=(_stretch, _unstretch))
        longest = 1.0
        for place, level in enumerate(covariate.levels):
            steps = _steps(results, Place(CURVE, endpoint.paramcd, covariate.name, level.label))
            if not steps:
                continue
            months, shares = zip(*steps, strict=True)
            longest = max(longest, months[-1])
            axes.step(months, shares, where="post", color=level_colour(place), linewidth=1.5, label=label_text(level))
        _dress_log_log(axes, longest)
        dress(axes, label_text(covariate), tr("Months, log scale"), f"{label_text(endpoint)} (%)")
        if not axes.lines:
            continue
        legend = axes.legend(loc="upper right", frameon=False, fontsize=SIZE - 1, labelcolor=INK, handlelength=1.2)
        for text in legend.get_texts():
            text.set_gid(f"{FROM}protocol")
    return panels.figure


def _dress_log_log(axes: Axes, longest: float) -> None:
    axes.set_ylim(min(_SHARES) * 0.6, 0.985)
    axes.set_yticks(_SHARES, [f"{100 * share:.0f}" for share in _SHARES])
    ticks = [month for month in _MONTHS if month <= longest]
    axes.set_xlim(0.8, longest * 1.05)
    axes.set_xticks(ticks, [f"{month}" for month in ticks])
    axes.set_xticks([], minor=True)


def _steps(results: Results, place: Place) -> list[tuple[float, float]]:
    """Times and survival where the scale has a place for it: neither 1 nor 0."""
    rows = ((row.time_months or 0.0, row.value or 0.0) for row in results.of(place, "survival"))
    return [(months, share) for months, share in rows if 0 < share < 1]


def _stretch(share: "np.typing.ArrayLike") -> "np.typing.NDArray[np.float64]":
    """-log(-log S), which rises with S; the ends of the scale are kept finite."""
    inside = np.clip(np.asarray(share, dtype=np.float64), 1e-6, 1 - 1e-6)
    stretched: np.typing.NDArray[np.float64] = -np.log(-np.log(inside))
    return stretched


def _unstretch(stretched: "np.typing.ArrayLike") -> "np.typing.NDArray[np.float64]":
    share: np.typing.NDArray[np.float64] = np.exp(-np.exp(-np.asarray(stretched, dtype=np.float64)))
    return share
