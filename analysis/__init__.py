"""Estimates, tables, figures and the report of a study, from the released marts alone.

`analyse` computes every number as a row of `results.ard`; `write_report` prints rows and computes nothing.
The statistics libraries take seconds to import; they load when an entry point is called, not when this package is.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.ard import ARD_COLUMNS, ARD_COMMENT, MissingNumber, Place, Results, Row

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from models.protocol import Protocol
    from models.tolerances import Tolerances

__all__ = [
    "ARD_COLUMNS",
    "ARD_COMMENT",
    "MissingNumber",
    "Place",
    "Results",
    "Row",
    "analyse",
    "write_quality",
    "write_report",
    "write_results",
]


def analyse(
    connection: "duckdb.DuckDBPyConnection",
    protocol: "Protocol",
    parameters: Mapping[str, str],
    *,
    variant: str = "primary",
) -> Results:
    """Every number that the report of one study and variant prints.

    Args:
        connection: a released (or drafted) warehouse.duckdb; schemas marts, quality and meta are read, nothing written.
        protocol: the study, whose section [analysis] says what is estimated.
        parameters: values of the family R9 as text (rule book R9; defaults in params.csv).
        variant: the variant of the study whose marts are read.

    Returns:
        Results with one row a number; times in months, percentages 0 to 100, hazard ratios against the reference level.

    Raises:
        ConfigError: a parameter is missing or has a value that no convention knows.
    """
    from analysis.estimates.study import analyse_study

    return analyse_study(connection, protocol, parameters, variant)


def write_report(results: Results, protocol: "Protocol", release_info: Mapping[str, str], folder: Path) -> Path:
    """Print one study's results as files of `folder`, in English and (`.zh`, `zh/`) in Chinese.

    `index.html`, `index.zh.html`: self-contained pages. `figures/*.svg` and `*.png` (300 dots an inch; Chinese ones
    in `figures/zh/`, as PNG where the computer has a Chinese font). `tables/*.csv`, English. `tables.docx`,
    `tables.zh.docx`: every table. `results_section.docx`, `results_section.zh.docx`: the drafted Results section,
    each number a content control whose tag is its ard_id.

    Args:
        results: what `analyse` returned for this protocol; nothing else is printed.
        protocol: gives titles, labels and the order of things.
        release_info: `release_id`, and optionally further facts of the release as text (`code_version`, `created`).
        folder: made if it is missing; files of an earlier report in it are replaced.

    Returns:
        The path of index.html.

    Raises:
        MissingNumber: the report wants a number that the results do not hold.
    """
    from analysis.report.files import write_files

    return write_files(results, protocol, release_info, folder)


def write_results(numbers: "pa.Table", folder: Path) -> None:
    """Write rows of results.ard, all variants of a study, as `results.parquet` and `results.csv` of a folder.

    Beside them `results_cards.parquet` and `.csv` hold the analyses in the columns of R's cards (docs/results.md).

    Args:
        numbers: the columns of `ARD_COLUMNS`, as `Results.table` gives them.
        folder: made if it is missing.
    """
    from analysis.cards import write_numbers

    write_numbers(numbers, folder)


def write_quality(
    connection: "duckdb.DuckDBPyConnection",
    release_id: str,
    tolerances: "Tolerances",
    earlier: Mapping[str, Path],
    folder: Path,
    *,
    reports: str = "..",
    is_applied_later: bool = False,
) -> Path:
    """Write the page of a release's data quality, in English and Chinese, with its tables as CSV beside it.

    Args:
        connection: a released (or drafted) warehouse.duckdb; schemas quality and meta are read, nothing written.
        release_id: its name.
        tolerances: what judges the checks, also those of the earlier releases in the trend.
        earlier: folders of the earlier releases that are kept, by their names; their exports are read.
        folder: made anew; whatever it holds is replaced.
        reports: where the page finds the studies' reports, as an address relative to itself.
        is_applied_later: the release was published under other tolerances, and the page says so.

    Returns:
        The path of index.html.

    Raises:
        BadInput: the release was made before there was such a page.
    """
    from analysis.quality.page import Surroundings, write_page
    from analysis.quality.reading import read_release

    studies = tuple(study for (study,) in connection.execute("select study_id from meta.studies order by 1").fetchall())
    release = read_release(connection, release_id, tolerances, earlier)
    return write_page(release, Surroundings(reports, studies, is_applied_later), folder)
