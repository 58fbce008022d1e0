"""Finds numbers typed into SQL, where a parameter of a protocol could hide.

A model is read as it is written, Jinja included: numbers in Jinja expressions become SQL as soon as dbt compiles them.
Numbers are: SQL numbers, SQL strings that open with a digit ('28 days', '2019-01-01'), and numbers in Jinja.
0 and 1 are structure (none, the first, the next), and so is the precision of a decimal type.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import sqlglot
from sqlglot.tokenizer_core import Token, TokenType

STRUCTURAL = frozenset({0.0, 1.0})
SIZED_TYPES = frozenset({TokenType.DECIMAL, TokenType.VARCHAR, TokenType.CHAR})
PLACEHOLDER = "jinja_expression"
RULE_NUMBER = re.compile(r"R\d+(\.\d+)*")


@dataclass(frozen=True)
class Literal:
    """A number in a SQL file: its text as written and its line, counted from 1."""

    text: str
    line: int


@dataclass(frozen=True)
class Allowed:
    """An entry of the allow-list: this literal may stand in this file, for this reason."""

    file: str
    literal: str
    reason: str


def literals(source: str) -> list[Literal]:
    """All numbers in a Jinja-SQL text other than 0 and 1, ordered by line."""
    sql, in_jinja = _separate(source)
    return sorted([*in_jinja, *_sql_literals(sql)], key=lambda literal: literal.line)


def read_allowed(path: Path) -> list[Allowed]:
    """The allow-list, in the order of the file."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("allowed", [])
    return [Allowed(**entry) for entry in entries]


def forbidden(file: str, source: str, allowed: list[Allowed]) -> list[str]:
    """One message for each literal of the file that no entry of the allow-list names."""
    permitted = {entry.literal for entry in allowed if entry.file == file}
    return [f"{file}:{found.line}: {found.text}" for found in literals(source) if found.text not in permitted]


def unused(sources: dict[str, str], allowed: list[Allowed]) -> list[str]:
    """One message for each entry of the allow-list that names no literal of its file, or names it twice."""
    present = {(file, found.text) for file, source in sources.items() for found in literals(source)}
    listed = Counter((entry.file, entry.literal) for entry in allowed)
    stale = [f"{file}: {literal} is not there" for file, literal in listed if (file, literal) not in present]
    repeated = [f"{file}: {literal} is listed {times} times" for (file, literal), times in listed.items() if times > 1]
    return stale + repeated


def _separate(source: str) -> tuple[str, list[Literal]]:
    """Splits a text into SQL with the same line numbers, Jinja replaced by a name, and the numbers inside the Jinja."""
    sql: list[str] = []
    numbers: list[Literal] = []
    line_of_sql = 1
    for line, kind, text in jinja2.Environment().lex(source):
        if kind in ("data", "variable_begin"):
            piece = text if kind == "data" else PLACEHOLDER
            sql.append("\n" * (line - line_of_sql) + piece)
            line_of_sql = max(line, line_of_sql) + piece.count("\n")
        elif kind in ("integer", "float") and float(text) not in STRUCTURAL:
            numbers.append(Literal(text, line))
        elif kind == "string":
            words = "" if RULE_NUMBER.fullmatch(text[1:-1]) else text[1:-1]
            numbers += [Literal(found.text, line) for found in _sql_literals(words)]
    return "".join(sql), numbers


def _sql_literals(sql: str) -> Iterator[Literal]:
    tokens = _tokens(sql)
    sizes = set(_type_sizes(tokens))
    for position, token in enumerate(tokens):
        is_number = token.token_type is TokenType.NUMBER and float(token.text) not in STRUCTURAL
        is_dated = token.token_type is TokenType.STRING and token.text[:1].isdigit() and token.text not in ("0", "1")
        if (is_number and position not in sizes) or is_dated:
            yield Literal(token.text, token.line)


def _tokens(sql: str) -> list[Token]:
    """Tokens of SQL, or of a macro's fragment of it, whose text may go on in the next fragment."""
    try:
        return sqlglot.tokenize(sql, read="duckdb")
    except sqlglot.errors.TokenError:
        return sqlglot.tokenize(sql + "'", read="duckdb")


def _type_sizes(tokens: list[Token]) -> Iterator[int]:
    """Positions of the numbers in `decimal(18, 3)` and its like."""
    for start, token in enumerate(tokens[:-1]):
        if token.token_type in SIZED_TYPES and tokens[start + 1].token_type is TokenType.L_PAREN:
            for position in range(start + 2, len(tokens)):
                if tokens[position].token_type is TokenType.R_PAREN:
                    break
                yield position
