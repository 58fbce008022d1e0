"""The page: choices at the side, the answer beside them; the same page whether a script asks for it or a form does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from markupsafe import Markup, escape

from analysis.explore.answer import Answer
from analysis.explore.numbers import comparison, draw, endpoint_of, numbers_table
from analysis.explore.question import MOST_CONDITIONS, Condition, Question, splitting_covariates
from analysis.explore.studies import ReleasedStudy
from analysis.report.language import LANGUAGES, Language, speaking, tr
from analysis.report.parts import Text, html, label_text
from analysis.report.svg import figure_svg, inline
from analysis.report.table import Table
from analysis.templating import templates
from models.protocol import PRIMARY, Protocol


@dataclass(frozen=True)
class Choice:
    """One thing to choose: the value in the address, the words on the page."""

    value: str
    label: str
    is_chosen: bool = False
    is_open: bool = True


@dataclass(frozen=True)
class Chip:
    """A condition of the filter, and the address of the same question without it."""

    name: str
    value: str
    label: str
    address: str


@dataclass(frozen=True)
class Controls:
    """What can be chosen, given what is chosen."""

    studies: Mapping[str, ReleasedStudy]
    question: Question
    most: int = field(default=MOST_CONDITIONS, init=False)

    @property
    def protocol(self) -> Protocol:
        """The study's protocol."""
        return self.studies[self.question.study_id].protocol

    @property
    def title(self) -> str:
        """The study's title."""
        return _title(self.protocol)

    @property
    def study_choices(self) -> list[Choice]:
        """Every study of the release."""
        chosen = self.question.study_id
        return [Choice(name, _title(one.protocol), name == chosen) for name, one in self.studies.items()]

    @property
    def endpoint_choices(self) -> list[Choice]:
        """Endpoints of the study."""
        endpoints = self.protocol.analysis.endpoints
        return [Choice(one.paramcd, label_text(one), one.paramcd == self.question.endpoint) for one in endpoints]

    @property
    def variant_choices(self) -> list[Choice]:
        """Variants of the study, the primary analysis first."""
        labels = {PRIMARY: tr("Primary analysis")} | {one.name: label_text(one) for one in self.protocol.variants}
        return [Choice(name, label, name == self.question.variant) for name, label in labels.items()]

    @property
    def group_choices(self) -> list[Choice]:
        """Covariates that can make groups; those of the filter cannot."""
        return [
            Choice(one.name, label_text(one), one.name == self.question.groups, one.name not in self._filtered)
            for one in splitting_covariates(self.protocol)
        ]

    @property
    def condition_choices(self) -> list[tuple[str, list[Choice]]]:
        """Levels that can be added to the filter, by covariate."""
        taken = {*self._filtered, self.question.groups}
        return [
            (label_text(one), [Choice(f"{one.name}:{level.label}", label_text(level)) for level in one.levels])
            for one in splitting_covariates(self.protocol)
            if one.name not in taken
        ]

    @property
    def chips(self) -> list[Chip]:
        """The conditions of the filter."""
        return [self._chip(one) for one in self.question.conditions]

    @property
    def _filtered(self) -> set[str]:
        return {one.covariate for one in self.question.conditions}

    def _chip(self, condition: Condition) -> Chip:
        covariate = next(one for one in splitting_covariates(self.protocol) if one.name == condition.covariate)
        level = next(one for one in covariate.levels if one.label == condition.level)
        label = f"{label_text(covariate)}: {label_text(level)}"
        others = tuple(one for one in self.question.conditions if one != condition)
        address = replace(self.question, conditions=others).address
        return Chip(condition.parameter, condition.level, label, address)


@dataclass(frozen=True)
class Shown:
    """An answer, ready to print."""

    answer: Answer
    protocol: Protocol

    @property
    def heading(self) -> str:
        """The endpoint's name."""
        return label_text(endpoint_of(self.answer, self.protocol))

    @property
    def has_groups(self) -> bool:
        """Whether groups stand side by side."""
        return self.answer.question.groups is not None

    @cached_property
    def drawing(self) -> Markup | None:
        """The curves, if any may be shown."""
        figure = draw(self.answer, self.protocol)
        return None if figure is None else Markup(inline(figure_svg(figure), "curves", escape(self.heading)))

    @property
    def comparison(self) -> Text:
        """The log-rank test between the groups."""
        return comparison(self.answer)

    @property
    def table(self) -> Table:
        """The numbers."""
        return numbers_table(self.answer, self.protocol)

    @property
    def remark(self) -> str:
        """Why there is no curve, or not every one."""
        if self.answer.has_nobody:
            return tr("No patient of this study answers to this selection.")
        if self.answer.is_withheld:
            return tr("Withheld: too few patients answer to this selection, or make its difference to another one.")
        if any(not group.standing.is_empty and group.standing.end is None for group in self.answer.groups):
            return tr("A group is not drawn: it has too few patients or events, or would give away one that has.")
        return ""


def render(
    studies: Mapping[str, ReleasedStudy],
    release_id: str,
    language: Language,
    question: Question,
    answer: Answer | None,
    problem: str = "",
) -> str:
    """The page of one question; without an answer, `problem` says why in its place."""
    with speaking(language):
        controls = Controls(studies, question)
        return (
            templates(parts=html, tr=tr)
            .get_template("explore.html.j2")
            .render(
                controls=controls,
                shown=Shown(answer, controls.protocol) if answer else None,
                problem=problem,
                release_id=release_id,
                language=language,
                languages=LANGUAGES,
            )
        )


def _title(protocol: Protocol) -> str:
    is_chinese = tr("en") == "zh"
    return protocol.study.title_zh if is_chinese and protocol.study.title_zh else protocol.study.title
