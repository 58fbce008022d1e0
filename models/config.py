"""`oncomart.toml`: which centres feed this warehouse and which studies are drawn from it."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

QUALITY = "quality"
"""Folder of a page on quality: beside the studies' reports in a release, and in the data home for pages made later."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CentreEntry(_Strict):
    """One centre of the pool. Paths are relative to the configuration file.

    Without `folder` the centre's mapping is looked for in `centres/<id>` beside the configuration file, then among the
    shipped ones.
    """

    folder: str | None = None
    deliveries: str | None = Field(None, description="overrides deliveries.path of centre.toml")


class StudyEntry(_Strict):
    """One study. Without `file` it is `studies/<id>.toml` beside the configuration file, then the shipped one."""

    file: str | None = None


class Settings(_Strict):
    """Limits of this machine; nothing here changes a number of a study."""

    memory_limit: str = Field("4GB", description="most that DuckDB may use")
    threads: int = Field(2, ge=1)
    keep_releases: int = Field(12, ge=1, description="published releases kept")


Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=7, decimal_places=6)]


class Quality(_Strict):
    """Tolerances of data-quality checks (rule R10) by number, as shares of the rows that a check looks at."""

    tolerances: dict[str, Share] = Field({}, description="of all centres; stand before the rule book's")
    centre_tolerances: dict[str, dict[str, Share]] = Field({}, description="of one centre; stand before those of all")


class Config(_Strict):
    """The whole configuration file."""

    centres: Annotated[dict[str, CentreEntry], Field(min_length=1)]
    studies: Annotated[dict[str, StudyEntry], Field(min_length=1)]
    settings: Settings = Settings()
    quality: Quality = Quality()

    @field_validator("studies")
    @classmethod
    def _no_study_takes_the_name_of_the_page(cls, studies: dict[str, StudyEntry]) -> dict[str, StudyEntry]:
        if QUALITY in studies:
            raise ValueError(f"no study may be called {QUALITY}: a release's page on its data has that name")
        return studies

    @model_validator(mode="after")
    def _tolerances_are_of_centres(self) -> Self:
        strangers = sorted(self.quality.centre_tolerances.keys() - self.centres.keys())
        if strangers:
            raise ValueError(f"quality.centre_tolerances names {', '.join(strangers)}, which [centres] does not have")
        return self
