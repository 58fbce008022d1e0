"""Free text read by reviewed phrases: what a text states, what it denies, what it leaves open (rule R1).

Free text does not land. A mapping names a vocabulary for a cell; landing looks the vocabulary's phrases up in the text,
each with the words around it that deny or doubt it, and lands the code that the text affirms. Whatever else it says is
counted for the worklist and stays unknown.

A text is cut into words of the vocabulary by one regular expression whose alternatives are the phrases and cues, the
longest first, so that a phrase inside a longer one (a squamous within an adenosquamous carcinoma) is never seen. Cues
are those of NegEx and ConText (Chapman 2001, Harkema 2009) with their Chinese counterparts.
"""

from collections.abc import Iterable

import duckdb

from warehouse.sqltext import literal, literals
from warehouse.vocabularies import NUMBER_FORM, Vocabulary, Word, seed_rows

_WORDS = "phrase_words"

READINGS = "phrase_readings"
"""Temporary table of the texts of one chunk.

`vocabulary`, `written`, `status`, `answers` (the codes affirmed, by family), `code` (the one that a cell may take: of
the family without a name, when nothing in the text doubts it).
"""


def create_words(connection: duckdb.DuckDBPyConnection, vocabularies: Iterable[Vocabulary]) -> None:
    """Makes the temporary table of the words of these vocabularies."""
    connection.execute(
        f"CREATE TEMP TABLE {_WORDS} "
        "(vocabulary VARCHAR, token VARCHAR, kind VARCHAR, family VARCHAR, code VARCHAR, broader VARCHAR[], "
        "outranks VARCHAR[])"
    )
    for vocabulary in vocabularies:
        rows = ", ".join(_word_row(vocabulary.name, word) for word in vocabulary.words)
        connection.execute(f"INSERT INTO {_WORDS} VALUES {rows}")


def read_texts(texts: str, vocabularies: Iterable[Vocabulary]) -> str:
    """SQL that makes the table of readings.

    Args:
        texts: relation with `vocabulary` (its name) and `written`.
        vocabularies: those that occur in it, whose words are there.
    """
    by_name = {vocabulary.name: vocabulary for vocabulary in vocabularies}
    each = " UNION ALL BY NAME ".join(_readings(vocabulary, texts) for vocabulary in by_name.values())
    return f"CREATE OR REPLACE TEMP TABLE {READINGS} AS {each}"


def _folding() -> str:
    """SQL: `written` as `folded` leaves a phrase."""
    characters = seed_rows("character_folding")
    from_text, to_text = ("".join(row[column] for row in characters) for column in ("written", "folded"))
    translated = f"lower(translate(written, {literal(from_text)}, {literal(to_text)}))"
    spaced = f"trim(regexp_replace({translated}, '\\s+', ' ', 'g'))"
    return f"regexp_replace({spaced}, ' ?([\\p{{Han}}]) ?', '\\1', 'g')"


def _readings(vocabulary: Vocabulary, texts: str) -> str:
    """One row per text: its status, and by family the codes that it affirms.

    NEGATION and PLAN reach from the cue to the end of their clause, a Latin one as a doubt to the end of the sentence
    (an English list has commas); NEGATION_AFTER reaches back, doubt both ways, to the bounds of the clause. An
    assertion is the next one after the phrase, else the last before. A doubt about a narrower kind of what is affirmed
    takes nothing away.
    """
    before = "PARTITION BY written, {0} ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    after = "PARTITION BY written, clause ORDER BY place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING"
    within = "sentence" if vocabulary.assertion == "SHARED" else "clause"
    assertion_after = f"PARTITION BY written, {within} ORDER BY place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING"
    asserted = {
        "": "'AFFIRMED'",
        "NEEDED": "coalesce(assertion_after, assertion_before)",
        "SHARED": "coalesce(assertion_after, assertion_before, CASE WHEN NOT has_assertion THEN 'AFFIRMED' END)",
    }[vocabulary.assertion]
    return f"""
        (WITH words AS (FROM {_WORDS} WHERE vocabulary = {literal(vocabulary.name)}),
        asked AS (SELECT DISTINCT written FROM {texts} WHERE vocabulary = {literal(vocabulary.name)}
            AND written IS NOT NULL),
        cut AS (SELECT written, regexp_extract_all({_folding()}, {literal(vocabulary.pattern)}) AS tokens FROM asked),
        placed AS (
            SELECT written, unnest(tokens) AS token, generate_subscripts(tokens, 1) AS place FROM cut
        ),
        known AS (
            SELECT placed.written, placed.token, placed.place, kind, family, code, broader, outranks,
                coalesce(kind, 'RESIDUE') AS role
            FROM placed LEFT JOIN words USING (token)
            WHERE words.token IS NOT NULL OR NOT regexp_full_match(placed.token, '{NUMBER_FORM}')
        ),
        bounded AS (
            SELECT *,
                count(*) FILTER (role = 'SENTENCE_END') OVER (PARTITION BY written ORDER BY place) AS sentence,
                count(*) FILTER (role IN ('SENTENCE_END', 'CLAUSE_END')) OVER (PARTITION BY written ORDER BY place)
                    AS clause,
                role = 'RESIDUE' AND (
                    lag(role) OVER (PARTITION BY written ORDER BY place) IN ('NAME', 'JOIN')
                    OR lead(role) OVER (PARTITION BY written ORDER BY place) IN ('NAME', 'JOIN')
                ) AS is_unknown_name,
                coalesce(
                    lag(role) OVER (PARTITION BY written ORDER BY place) = 'RESIDUE'
                    OR lead(role) OVER (PARTITION BY written ORDER BY place) = 'RESIDUE', false
                ) AS touches_unknown
            FROM known
        ),
        judged AS (
            SELECT *,
                CASE
                    WHEN coalesce(bool_or(role IN ('NEGATION', 'PLAN')) OVER ({before.format("clause")}), false)
                        OR coalesce(bool_or(role = 'SOMEBODY_ELSE') OVER ({before.format("sentence")}), false)
                        OR coalesce(bool_or(role = 'NEGATION_AFTER') OVER ({after}), false) THEN 'NEGATED'
                    WHEN bool_or(role = 'UNCERTAINTY') OVER (PARTITION BY written, clause)
                        OR coalesce(
                            bool_or(role = 'NEGATION' AND regexp_matches(token, '^[a-z]'))
                                OVER ({before.format("sentence")}), false
                        )
                        OR (role = 'NAME' AND touches_unknown) THEN 'UNCERTAIN'
                    ELSE 'AFFIRMED'
                END AS said
            FROM bounded
        ),
        asserted AS (
            SELECT *,
                first_value(CASE WHEN role = 'ASSERTION' THEN said END IGNORE NULLS) OVER ({assertion_after})
                    AS assertion_after,
                last_value(CASE WHEN role = 'ASSERTION' THEN said END IGNORE NULLS) OVER ({before.format(within)})
                    AS assertion_before,
                bool_or(role = 'ASSERTION') OVER (PARTITION BY written) AS has_assertion
            FROM judged
        ),
        mentions AS (
            SELECT written, family, code, broader, outranks,
                CASE
                    WHEN {asserted} IS NULL THEN NULL
                    WHEN 'NEGATED' IN (said, {asserted}) THEN 'NEGATED'
                    WHEN 'UNCERTAIN' IN (said, {asserted}) THEN 'UNCERTAIN'
                    ELSE 'AFFIRMED'
                END AS said
            FROM asserted WHERE role IN ('PHRASE', 'NAME')
        ),
        ruled_out AS (
            SELECT written, family, unnest(broader || outranks) AS code FROM mentions WHERE said = 'AFFIRMED'
        ),
        doubted AS (
            SELECT DISTINCT doubtful.written, doubtful.family FROM mentions AS doubtful
            WHERE doubtful.said = 'UNCERTAIN' AND NOT EXISTS (
                SELECT 1 FROM mentions AS sure
                WHERE sure.written = doubtful.written AND sure.family = doubtful.family AND sure.said = 'AFFIRMED'
                    AND (sure.code = doubtful.code OR list_contains(sure.broader || sure.outranks, doubtful.code)
                        OR list_contains(doubtful.broader, sure.code))
            )
        ),
        answered AS (
            SELECT mentions.written, mentions.family, list(DISTINCT mentions.code ORDER BY mentions.code) AS codes
            FROM mentions ANTI JOIN ruled_out USING (written, family, code)
            WHERE said = 'AFFIRMED' AND mentions.code IS NOT NULL
            GROUP BY ALL
        ),
        told AS (
            SELECT written, bool_or(said = 'AFFIRMED' AND code IS NOT NULL) AS is_affirmed,
                bool_or(said = 'AFFIRMED' AND code IS NULL) AS is_general, bool_or(said = 'UNCERTAIN') AS is_doubtful,
                bool_or(said = 'NEGATED') AS is_denied
            FROM mentions GROUP BY written
        )
        SELECT {literal(vocabulary.name)} AS vocabulary, asked.written,
            CASE
                WHEN is_affirmed AND (unknown.written IS NOT NULL OR doubts.written IS NOT NULL) THEN 'PARTLY'
                WHEN is_affirmed THEN 'AFFIRMED'
                WHEN is_doubtful THEN 'UNCERTAIN'
                WHEN is_general THEN 'UNSPECIFIC'
                WHEN is_denied THEN 'NEGATED'
                ELSE 'UNMATCHED'
            END AS status,
            coalesce(answers.answers, MAP {{}}::MAP(VARCHAR, VARCHAR[])) AS answers,
            CASE
                WHEN len(answers.answers['']) = 1 AND NOT coalesce(list_contains(doubts.families, ''), false)
                    THEN answers.answers[''][1]
            END AS code
        FROM asked
        LEFT JOIN told USING (written)
        LEFT JOIN (SELECT DISTINCT written FROM bounded WHERE is_unknown_name) AS unknown USING (written)
        LEFT JOIN (SELECT written, list(family) AS families FROM doubted GROUP BY written) AS doubts USING (written)
        LEFT JOIN (SELECT written, map(list(family), list(codes)) AS answers FROM answered GROUP BY written) AS answers
            USING (written))
    """


def _word_row(vocabulary: str, word: Word) -> str:
    cells = ", ".join(literal(cell) for cell in (vocabulary, word.text, word.kind, word.family, word.code))
    return f"({cells}, [{literals(word.broader)}]::VARCHAR[], [{literals(word.outranks)}]::VARCHAR[])"
