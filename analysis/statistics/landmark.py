"""Landmark analysis: survival by what had happened at a fixed time, free of immortal time (rule R9.7)."""

from dataclasses import dataclass

import numpy as np

from analysis.statistics.arrays import Flags, Floats


@dataclass(frozen=True)
class Landmarked:
    """Patients still followed after the landmark: who they are, who had responded by then, months from there on.

    `is_kept` and `had_status` have one entry a patient, `months` one too (nan for those who are out).
    """

    is_kept: Flags
    had_status: Flags
    months: Floats


def landmark(status_months: Floats, survival_months: Floats, at_months: float) -> Landmarked:
    """Split patients at the landmark.

    Args:
        status_months: months to the status (response, adverse event …), nan for never; shape (patients,).
        survival_months: months of follow-up, event or not; shape (patients,).
        at_months: the landmark. A status on the day itself counts; who is not followed beyond it is out.

    Source:
        Anderson, Cain and Gelber 1983.
    """
    is_kept = survival_months > at_months
    had_status = is_kept & (np.nan_to_num(status_months, nan=np.inf) <= at_months)
    return Landmarked(is_kept, had_status, np.where(is_kept, survival_months - at_months, np.nan))
