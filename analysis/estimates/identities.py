"""Counts that only patients side by side can give, for the identities of rule R9.10."""

from analysis.ard import Place, Recorder
from analysis.marts import StudyMarts
from models.protocol import Protocol

IDENTITIES = "identities"
SOURCE = "marts.survival_times"
SURVIVAL = "OS"

RULED_OUT = (3, 4, 7, 9)
"""Censoring codes (R6.1) that a rule other than treatment policy gives: a death may come after them."""


def analyse_identities(marts: StudyMarts, protocol: Protocol, record: Recorder) -> None:
    """Of each progression-free endpoint: patients whose overall survival is shorter, and those whom a rule censored."""
    chosen = {endpoint.paramcd: protocol.definition(endpoint)[0] for endpoint in protocol.analysis.endpoints}
    if chosen.get(SURVIVAL) != SURVIVAL:
        return
    for paramcd in (paramcd for paramcd, base in chosen.items() if base.startswith("PFS")):
        later, ruled_out = marts.select(
            "select count(*) filter (progression.aval_days > survival.aval_days), "
            f"count(*) filter (list_contains({list(RULED_OUT)}, progression.cnsr)) "
            f"from {SOURCE} as progression inner join {SOURCE} as survival "
            "using (study_id, variant, centre_id, patient_key, start_date) "
            "where study_id = ? and variant = ? and progression.paramcd = ? and survival.paramcd = ?",
            paramcd,
            SURVIVAL,
        )[0]
        place = Place(IDENTITIES, paramcd)
        record.add_all(place, {"n_pfs_after_os": later, "n_censored_by_rule": ruled_out}, source=SOURCE)
