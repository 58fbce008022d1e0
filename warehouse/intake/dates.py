"""How dates are read (rule R0.3), as SQL macros.

A cell becomes a candidate (`2024`, `2024-03`, `2024-03-15`: ISO text at the precision given) when its form is one of
rule R0.3, and the candidate is kept when the calendar has it: 2023-02-30 never rolls over.
"""

import duckdb

FIRST_EXCEL_SERIAL = 20000
LAST_EXCEL_SERIAL = 60000
MOST_DAYS_FROM_ANCHOR = 80000
"""About 219 years: no life and no study is longer."""

TIME_PART = r"[ T]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?$"
DAY_FORMS = r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日"
ISO_8601 = r"(\d{4}(?:-\d{2}){0,2})(?:-[-0-9]*)?(?:T[-:.,0-9]*(?:Z|[+-][:0-9]*)?)?"
"""A missing component is a hyphen: 2024---15 is the 15th of an unknown month (SDTMIG 3.4, section 4.4.2)."""
MONTH_FORMS = r"\d{4}-\d{1,2}|\d{4}年\d{1,2}月"

# DuckDB puts a macro's arguments into its text wherever they are named, so arguments stay plain columns on the usual
# paths.
_MACROS = (
    """
    CREATE TEMP MACRO padded_date(hyphened) AS
        left(hyphened, 4) || '-' || lpad(split_part(hyphened, '-', 2), 2, '0')
        || coalesce('-' || lpad(nullif(split_part(hyphened, '-', 3), ''), 2, '0'), '')
    """,
    f"""
    CREATE TEMP MACRO dated_form(cell) AS CASE
        WHEN cell LIKE '____-__-__' AND regexp_full_match(cell, '{DAY_FORMS}') THEN cell
        WHEN regexp_full_match(cell, '{DAY_FORMS}|{MONTH_FORMS}') THEN coalesce(
            try_strptime(cell, ['%Y/%m/%d', '%Y年%m月%d日', '%Y-%m-%d'])::DATE::VARCHAR,
            padded_date(rtrim(translate(cell, '/年月', '---'), '-日'))
        )
        WHEN regexp_full_match(cell, '\\d{{8}}')
            THEN left(cell, 4) || '-' || substr(cell, 5, 2) || '-' || right(cell, 2)
        WHEN regexp_full_match(cell, '\\d{{4}}') THEN cell
    END
    """,
    f"""
    CREATE TEMP MACRO text_date(cell) AS CASE
        WHEN cell LIKE '____-__-__ __:__:__' AND try_cast(cell AS TIMESTAMP) IS NOT NULL THEN left(cell, 10)
        WHEN length(cell) > 11 AND regexp_matches(cell, '{TIME_PART}')
            THEN dated_form(regexp_replace(cell, '{TIME_PART}', ''))
        ELSE dated_form(cell)
    END
    """,
    f"""
    CREATE TEMP MACRO serial_or_text_date(cell) AS CASE
        WHEN regexp_full_match(cell, '\\d{{5}}(?:[.]\\d+)?')
            THEN CASE
                WHEN left(cell, 5)::INTEGER BETWEEN {FIRST_EXCEL_SERIAL} AND {LAST_EXCEL_SERIAL}
                    THEN (DATE '1899-12-30' + left(cell, 5)::INTEGER)::VARCHAR
            END
        ELSE text_date(cell)
    END
    """,
    f"""
    CREATE TEMP MACRO iso_date(cell) AS text_date(CASE
        WHEN regexp_full_match(cell, '{ISO_8601}') THEN regexp_extract(cell, '{ISO_8601}', 1)
        ELSE cell
    END)
    """,
    f"""
    CREATE TEMP MACRO anchored_date(cell, anchor) AS CASE
        WHEN regexp_full_match(cell, '[+-]?\\d{{1,6}}(?:[.]0+)?')
            THEN CASE
                WHEN abs(cell::DOUBLE) <= {MOST_DAYS_FROM_ANCHOR} THEN (anchor::DATE + cell::DOUBLE::INTEGER)::VARCHAR
                ELSE '0000-00-00'
            END
    END
    """,
    """
    CREATE TEMP MACRO calendar_date(candidate) AS CASE
        WHEN candidate < '0001' THEN NULL
        WHEN strlen(candidate) = 10 THEN CASE WHEN try_cast(candidate AS DATE) IS NOT NULL THEN candidate END
        WHEN strlen(candidate) = 4 OR right(candidate, 2) BETWEEN '01' AND '12' THEN candidate
    END
    """,
)


def create_date_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros on a connection.

    `text_date`, `serial_or_text_date`, `iso_date` and `anchored_date` give the candidate of a cell, NULL for a form
    that rule R0.3 does not list; `calendar_date` gives the date of a candidate, NULL when the calendar does not have
    it.
    """
    for macro in _MACROS:
        connection.execute(macro)
