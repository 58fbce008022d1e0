"""Words of the report that are not the protocol's: category names, derived items, reasons."""

RESPONSES = {
    "CR": "Complete response",
    "PR": "Partial response",
    "SD": "Stable disease",
    "NON-CR/NON-PD": "Neither complete response nor progression",
    "PD": "Progressive disease",
    "NE": "assessed, not evaluable",
    "MISSING": "never assessed",
}

ITEMS = {"INDEX_DATE": "Index date", "PRIOR_LINES": "Prior lines", "BOR": "Best response"}

SCOPE_WORDS = {
    "TRAE": "Treatment-related adverse events",
    "TEAE": "Treatment-emergent adverse events, whatever their cause",
    "IRAE": "Immune-related adverse events by class",
}
ANY_EVENT_WORDS = {
    "TRAE": "Any treatment-related event",
    "TEAE": "Any emergent event",
    "IRAE": "Any immune-related event",
}
IMMUNE_CLASSES = {
    "CARDIAC": "Heart",
    "ENDOCRINE": "Endocrine",
    "GI": "Gastrointestinal",
    "HEME": "Blood",
    "LIVER": "Liver",
    "LUNG": "Lung",
    "MUSCLE": "Muscle",
    "NEURO": "Nervous system",
    "PANCREAS": "Pancreas",
    "RENAL": "Kidney",
    "SKIN": "Skin",
}

_KEPT_IN_CAPITALS = {"ECOG", "ICI", "PD1", "PDL1", "ESCC", "M1", "CNS"}


def reason_words(code: str | None) -> str:
    """A reason code as an English phrase: 'ECOG_ABOVE_MAX' becomes 'ECOG above max'."""
    if not code:
        return "Not stated"
    words = [word if word in _KEPT_IN_CAPITALS else word.lower() for word in code.split("_")]
    phrase = " ".join(words)
    return phrase[:1].upper() + phrase[1:]
