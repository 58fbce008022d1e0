"""How the numbers were computed."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.language import tr
from analysis.report.methods import methods_sentences
from analysis.report.parts import Label, plain, sentences
from analysis.report.section import Prose, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """One paragraph of conventions."""
    paragraph = Label(plain(sentences(methods_sentences(results, protocol))), "convention")
    yield Section("methods", (tr("Methods"),), tr("Methods"), (Prose(((paragraph,),)),))
