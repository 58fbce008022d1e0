"""Where a centre's deliveries are, folders or a database of the hospital, and how they tell time."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from models.cells import Strict


class Calendar(StrEnum):
    """ABSOLUTE sources give calendar dates, RELATIVE ones days from an event.

    The latter have no cutoff and no calendar checks.
    """

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class Layout(StrEnum):
    """DATED: one folder a delivery, named by its extract date. SINGLE: the folder itself is the only delivery.

    DATABASE: no folder at all; each refresh takes a snapshot of the hospital's database.
    """

    DATED = "dated"
    SINGLE = "single"
    DATABASE = "database"


class Deliveries(Strict):
    """Where a centre's deliveries are. `path` is relative to the configuration file that names the centre."""

    path: str = ""
    layout: Layout = Layout.DATED
    extract_date: date | None = Field(None, description="of a SINGLE delivery; a DATED one is named by its folder")

    @model_validator(mode="after")
    def _single_needs_date(self) -> Self:
        if self.layout is Layout.SINGLE and self.extract_date is None:
            raise ValueError('layout = "single" needs extract_date = YYYY-MM-DD')
        if (self.layout is Layout.DATABASE) == bool(self.path):
            raise ValueError('path = "…" names the folder of deliveries; layout = "database" has none')
        return self


class Database(Strict):
    """The hospital's reporting database. How to reach it, only the environment says."""

    dialect: Literal["postgresql"] = "postgresql"
    schema_name: str = Field("public", alias="schema", description="where tables are, and names in queries")
    time_zone: str | None = Field(None, description="zone in whose days instants are told; default: the server's")
    statement_timeout_seconds: int = Field(3600, ge=1, description="longest that one table may take")

    @model_validator(mode="before")
    @classmethod
    def _no_credentials(cls, data: object) -> object:
        if isinstance(data, dict) and set(data) & {"dsn", "uri", "url", "host", "user", "password"}:
            raise ValueError(
                "how to reach the database belongs in ONCOMART_DSN_<CENTRE> of the environment, in no file"
            )
        return data
