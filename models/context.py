"""Published cohorts that a protocol lists beside its own (`[[context]]`): what they printed, nothing computed."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Percent = Annotated[Decimal, Field(ge=0, le=100)]


class _Published(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublishedMedian(_Published):
    """A printed median time to an endpoint, with its interval where one was printed."""

    endpoint: str
    months: Decimal = Field(gt=0)
    lower: Decimal | None = None
    upper: Decimal | None = None


class PublishedRate(_Published):
    """A printed survival rate at a month."""

    endpoint: str
    month: int
    percent: Percent
    lower: Percent | None = None
    upper: Percent | None = None


class PublishedCohort(_Published):
    """One cohort or trial arm; what its publication does not print is left out."""

    name: str
    name_zh: str | None = None
    treatment: str
    treatment_zh: str | None = None
    setting: str
    setting_zh: str | None = None
    source: str = Field(description="where the numbers were read")
    source_zh: str | None = None
    n: int | None = Field(None, gt=0)
    responders: int | None = Field(None, ge=0, description="patients with an objective response, as printed")
    controlled: int | None = Field(None, ge=0, description="patients with disease control, as printed")
    orr_percent: Percent | None = None
    dcr_percent: Percent | None = None
    severe_percent: Percent | None = Field(None, description="patients with a related event of grade 3 or more")
    medians: tuple[PublishedMedian, ...] = ()
    rates: tuple[PublishedRate, ...] = ()

    @property
    def label(self) -> str:
        """Name and treatment."""
        return f"{self.name}: {self.treatment}"

    @property
    def label_zh(self) -> str | None:
        """The same in Chinese; a name without one stays as it is cited."""
        return f"{self.name_zh or self.name}：{self.treatment_zh}" if self.treatment_zh else None

    @model_validator(mode="after")
    def _counts_fit(self) -> Self:
        for what, count, percent in (
            ("responders", self.responders, self.orr_percent),
            ("controlled", self.controlled, self.dcr_percent),
        ):
            if count is None:
                continue
            if self.n is None or count > self.n:
                raise ValueError(f"{self.name}: {what} = {count} needs an n of at least that")
            if percent is not None and abs(100 * Decimal(count) / self.n - percent) > _half_unit(percent):
                raise ValueError(f"{self.name}: {what} = {count} of {self.n} is not the printed {percent}%")
        return self


def _half_unit(printed: Decimal) -> Decimal:
    """Half of the last printed digit."""
    exponent = printed.as_tuple().exponent
    return Decimal("0.5").scaleb(exponent if isinstance(exponent, int) else 0)
