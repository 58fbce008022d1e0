"""The E-value: how strong an unmeasured confounder would have to be to explain a hazard ratio away."""

import math
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["rare", "common"]


@dataclass(frozen=True)
class EValue:
    """Risk ratios that a confounder would need with exposure and with outcome, both at least this large.

    `estimate` takes the estimate to 1, `limit` the nearer end of its interval; 1 where the interval holds 1 already.
    """

    estimate: float
    limit: float


def e_value(hr: float, lower: float, upper: float, outcome: Outcome) -> EValue:
    """E-value of a hazard ratio with its interval.

    Args:
        hr: hazard ratio.
        lower: lower limit of its interval.
        upper: upper limit.
        outcome: `rare` (below 15% at the end of follow-up) takes the hazard ratio for a risk ratio; `common` converts
            it by (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR)).

    Source:
        VanderWeele and Ding 2017.

    Raises:
        ValueError: a ratio that is not above 0, or an interval that does not hold its estimate.
    """
    if not 0 < lower <= hr <= upper:
        raise ValueError("A hazard ratio lies above 0 and within its interval.")
    nearer = 1.0 if lower <= 1 <= upper else (lower if hr > 1 else upper)
    return EValue(*(_of_risk_ratio(_risk_ratio(ratio, outcome)) for ratio in (hr, nearer)))


def _risk_ratio(hr: float, outcome: Outcome) -> float:
    if outcome == "rare":
        return hr
    half = math.log(0.5)
    return math.expm1(half * math.sqrt(hr)) / math.expm1(half * math.sqrt(1 / hr))


def _of_risk_ratio(ratio: float) -> float:
    harmful = max(ratio, 1 / ratio)
    return harmful + math.sqrt(harmful * (harmful - 1))
