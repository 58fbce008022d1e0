"""The table of variants: who enters, who leaves and whose values move."""

from pathlib import Path

import duckdb

from analysis import analyse, write_report
from models.protocol import Protocol
from tests.analysis.study_marts import PARAMETERS, escc87_marts


def test_patients_whom_a_variant_moves_are_counted_and_printed(root: Path, protocol: Protocol, tmp_path: Path) -> None:
    """Entering and leaving count against the primary; moves count only patients whom both include."""
    changes = [
        ("included_by_the_variant", "INCLUDED", False, "false", "true"),
        ("left_out_by_the_variant", "INCLUDED", False, "true", "false"),
        ("left_out_by_the_variant", "BOR", False, "SD", None),
        ("stable_early", "BOR", True, "NE", "SD"),
        ("treated_again", "PFS", True, "2024-05-01 event", "2024-03-01 event"),
        ("treated_later", "PFS", True, "2024-06-01 event", "2024-04-01 event"),
    ]
    with duckdb.connect() as marts:
        escc87_marts(marts, protocol, root / "demo" / "escc87.csv")
        for key, item, in_both, before, after in changes:
            row = [protocol.study.id, "pfs_composite", "hospital_a", key, item, in_both, before, after]
            marts.execute("insert into marts.variant_differences values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        results = analyse(marts, protocol, PARAMETERS)
    write_report(results, protocol, {"release_id": "r"}, tmp_path)
    lines = (tmp_path / "tables" / "table_variants.csv").read_text(encoding="utf-8").splitlines()
    heading = lines[0].lstrip("\ufeff").split(",")
    printed = next(line.split(",") for line in lines if line.startswith("New therapy is an event of PFS"))
    moved = dict(zip(heading, printed, strict=True))
    assert (moved["Entering"], moved["Leaving"]) == ("1", "1")
    assert (moved["Best response"], moved["PFS"], moved["OS"], moved["Prior lines"]) == ("1", "2", "0", "0")


def test_each_variant_s_estimates_stand_beside_the_primary_s(root: Path, protocol: Protocol, tmp_path: Path) -> None:
    """A variant in which one responder fewer is included prints its own rates, medians and ratios in its own line."""
    with duckdb.connect() as marts:
        escc87_marts(marts, protocol, root / "demo" / "escc87.csv")
        primary = analyse(marts, protocol, PARAMETERS)
        tables = ("study_cohort", "covariates", "best_response", "treatment_free_intervals", "survival_times")
        responder = "(select min(patient_key) from marts.best_response where is_responder)"
        for table in tables:
            copied = f"select * replace ('sd_35' as variant) from marts.{table} where variant = 'primary'"
            marts.execute(f"insert into marts.{table} {copied} and patient_key <> {responder}")
        variant = analyse(marts, protocol, PARAMETERS, variant="sd_35")
    write_report(primary.beside({"primary": primary, "sd_35": variant}), protocol, {"release_id": "r"}, tmp_path)
    text = (tmp_path / "tables" / "table_sensitivity.csv").read_text(encoding="utf-8").splitlines()
    lines = {line.split(",")[0]: line.split(",")[1:] for line in text}
    assert lines["Primary analysis"][:2] == ["87", "21.8 (13.7 to 32.0)"]
    assert lines["Stable disease counts from day 35"][0] == "86"
    assert lines["Stable disease counts from day 35"][1].startswith("20.9 ")
    assert len(lines) == 3
    assert (tmp_path / "figures" / "sensitivity.svg").is_file()
    ratios = (tmp_path / "tables" / "table_sensitivity_cox.csv").read_text(encoding="utf-8").splitlines()
    assert "0.65" in ratios[1]
    assert ratios[1].split(",")[2:] != ratios[2].split(",")[2:]


def test_without_the_variants_own_results_only_moved_patients_are_counted(
    root: Path, protocol: Protocol, tmp_path: Path
) -> None:
    """The primary alone has no numbers to set beside its own."""
    with duckdb.connect() as marts:
        escc87_marts(marts, protocol, root / "demo" / "escc87.csv")
        write_report(analyse(marts, protocol, PARAMETERS), protocol, {"release_id": "r"}, tmp_path)
    assert (tmp_path / "tables" / "table_variants.csv").is_file()
    assert not (tmp_path / "tables" / "table_sensitivity.csv").exists()
