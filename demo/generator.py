"""The demo hospitals' deliveries and the truth behind them, patient by patient in bounded memory."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from random import Random
from typing import Protocol

from demo.cases import Circumstances, tell_escc
from demo.hospital_a import HospitalA
from demo.hospital_b import HospitalB
from demo.hospital_c import HospitalC
from demo.other_cancers import PLANS, Plan, tell_other_cancer
from demo.profile import invented_profile, published_profiles
from demo.situations import SITUATIONS
from demo.story import EXTRACT_DATE, Story
from demo.truth import TruthWriter

DEFAULT_SEED = 20250705
ELIGIBLE = 87

_ELIGIBLE_CIRCUMSTANCES = Circumstances("eligible")
_COMMON = ("index_after_window", "chemotherapy_only", "ecog_missing", "no_prior_systemic_therapy")


class Hospital(Protocol):
    """A place that writes stories down in its own shape; closing it finishes its files."""

    centre_id: str
    identifier_system: str

    def write(self, story: Story) -> str:
        """Write one patient's records and return the identifier they carry."""

    def close(self) -> None:
        """Finish all files."""


_HOSPITALS: tuple[type[HospitalA] | type[HospitalB] | type[HospitalC], ...] = (HospitalA, HospitalB, HospitalC)


@cache
def _screened_out() -> tuple[Circumstances | Plan, ...]:
    """The kinds of patient who are not eligible, in the order in which they come round again."""
    common = tuple(case for case in SITUATIONS if case.situation in _COMMON)
    return tuple(kind for group in _interleaved(SITUATIONS + common, PLANS) for kind in group)


def _interleaved(
    cases: tuple[Circumstances, ...], plans: tuple[Plan, ...]
) -> Iterator[tuple[Circumstances | Plan, ...]]:
    """One plan after every three cases, then whatever is left of either."""
    for number in range(max(len(plans), -(-len(cases) // 3))):
        yield (*cases[3 * number : 3 * number + 3], *plans[number : number + 1])


def tell(number: int, seed: int = DEFAULT_SEED) -> Story:
    """The story of patient `number` (0 to 86 are eligible); it depends on the seed and the number alone."""
    rng = Random(f"oncomart demo {seed} {number}")
    if number < ELIGIBLE:
        return tell_escc(number, published_profiles()[number], _ELIGIBLE_CIRCUMSTANCES, rng)
    kinds = _screened_out()
    kind = kinds[(number - ELIGIBLE) % len(kinds)]
    if isinstance(kind, Plan):
        return tell_other_cancer(number, kind, rng)
    return tell_escc(number, invented_profile(rng), kind, rng)


def generate(target: Path, *, patients: int = 400, centres: int = 1, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write the deliveries of one to three hospitals and the truth about them.

    Args:
        target: folder that receives `deliveries/<centre>/<extract date>/` and `truth/`; made when missing.
        patients: patients screened over all centres, 87 or more; 87 of them are eligible for the anlotinib study.
        centres: 1 is hospital A, 2 adds B, 3 adds C; patients go to them in turn.
        seed: same seed, same files (text and Parquet byte for byte, workbooks cell for cell).

    Returns:
        The folders of the deliveries, one a centre.

    Raises:
        ValueError: fewer than 87 patients, or not one to three centres.
    """
    if patients < ELIGIBLE:
        raise ValueError(f"{patients} patients cannot hold the {ELIGIBLE} eligible ones; ask for {ELIGIBLE} or more")
    if not 1 <= centres <= len(_HOSPITALS):
        raise ValueError(f"{centres} centres were asked for; there are 1 to {len(_HOSPITALS)}")
    chosen = _HOSPITALS[:centres]
    folders = [target / "deliveries" / hospital.centre_id / EXTRACT_DATE.isoformat() for hospital in chosen]
    with ExitStack() as stack:
        hospitals: list[Hospital] = []
        for hospital, folder in zip(chosen, folders, strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            hospitals.append(hospital(folder))
            stack.callback(hospitals[-1].close)
        truth = TruthWriter(target / "truth")
        stack.callback(truth.close)
        for number in range(patients):
            story = tell(number, seed)
            hospital_of_patient = hospitals[number % centres]
            identifier = hospital_of_patient.write(story)
            truth.write(story, hospital_of_patient.centre_id, hospital_of_patient.identifier_system, identifier)
    return folders
