"""What free text left open, counted while a delivery is read: the worklist of the vocabularies (rule R1).

A text may name its patient. It is kept only where several patients have it word for word, and it is short and without
a long number; otherwise it is counted. It never touches a disk before that is known.
"""

from collections.abc import Iterable, Sequence

import duckdb

from warehouse.accounting import PhraseGap
from warehouse.intake.compile import CompiledFeed
from warehouse.intake.phrases import READINGS, create_words, read_texts
from warehouse.sqltext import literal
from warehouse.vocabularies import Vocabulary

FEWEST_PATIENTS = 5
"""Patients who must share a text before it is shown."""

MOST_TEXTS = 500
"""Texts of one delivery that are listed one by one, the most frequent first."""

MAY_BE_SHOWN = "regexp_full_match(written, '.{1,60}') AND NOT regexp_matches(written, '[0-9０-９]{4}')"

_SPOKEN = "phrase_texts"

_GAPS = """
CREATE TEMP TABLE phrase_gaps (
    file_no INTEGER, source VARCHAR, column_name VARCHAR, vocabulary VARCHAR, reason VARCHAR, written VARCHAR,
    patient UBIGINT, n_rows BIGINT, first_row BIGINT
)
"""


def create_worklist(connection: duckdb.DuckDBPyConnection, vocabularies: Iterable[Vocabulary]) -> None:
    """Makes the temporary tables of words and of gaps; the connection must not spill."""
    create_words(connection, vocabularies)
    connection.execute(_GAPS)


def read_chunk(connection: duckdb.DuckDBPyConnection, feeds: Sequence[CompiledFeed], file_no: int, source: str) -> None:
    """Reads the free texts of the current `chunk` and notes what they leave open."""
    spoken = [feed for feed in feeds if feed.free_texts is not None]
    if not spoken:
        return
    texts = " UNION BY NAME ".join(f"({feed.free_texts})" for feed in spoken)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_SPOKEN} AS {texts}")
    connection.execute(read_texts(_SPOKEN, (each for feed in spoken for each in feed.vocabularies)))
    connection.execute(
        f"""
        INSERT INTO phrase_gaps
        SELECT {file_no}, {literal(source)}, column_name, vocabulary, reason,
            CASE WHEN {MAY_BE_SHOWN} THEN written END AS shown, hash(patient), count(*), min(source_row)
        FROM (
            SELECT DISTINCT column_name, vocabulary, written, patient, source_row, may_be_silent,
                CASE WHEN wants_one AND status IN ('AFFIRMED', 'PARTLY') AND len(answers['']) > 1 THEN 'SEVERAL'
                    ELSE status END AS reason
            FROM {_SPOKEN} JOIN {READINGS} USING (vocabulary, written)
        )
        WHERE reason <> 'AFFIRMED' AND NOT (may_be_silent AND reason IN ('UNMATCHED', 'NEGATED'))
        GROUP BY column_name, vocabulary, reason, shown, hash(patient)
        """
    )


def forget_file(connection: duckdb.DuckDBPyConnection, file_no: int) -> None:
    """Takes back what a file left open: it is not landed."""
    connection.execute("DELETE FROM phrase_gaps WHERE file_no = ?", [file_no])


def worklist(connection: duckdb.DuckDBPyConnection) -> tuple[PhraseGap, ...]:
    """The gaps of the whole delivery, those of most patients first."""
    rows = connection.execute(
        f"""
        WITH shared AS (
            SELECT source, column_name, vocabulary, reason, written FROM phrase_gaps WHERE written IS NOT NULL
            GROUP BY ALL HAVING count(DISTINCT patient) >= {FEWEST_PATIENTS}
            ORDER BY count(DISTINCT patient) DESC, written, reason LIMIT {MOST_TEXTS}
        )
        SELECT gaps.source, gaps.column_name, gaps.vocabulary, gaps.reason, shared.written, sum(n_rows) AS n_rows,
            count(DISTINCT patient) AS n_patients, arg_min(source_file, row(source_file, first_row)) AS source_file,
            arg_min(first_row, row(source_file, first_row)) AS source_row
        FROM phrase_gaps AS gaps JOIN source_files USING (file_no)
        LEFT JOIN shared USING (source, column_name, vocabulary, reason, written)
        GROUP BY ALL ORDER BY n_patients DESC, source, column_name, vocabulary, reason, written
        """
    ).fetchall()
    names = ("source", "column", "vocabulary", "reason", "text", "rows", "patients", "file", "row")
    return tuple(PhraseGap.model_validate(dict(zip(names, row, strict=True))) for row in rows)
