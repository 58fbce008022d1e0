import pytest

from flows.dbt import without_values


@pytest.mark.parametrize(
    "message",
    [
        "Conversion Error: Could not convert string 'Zhang 19900000000' to DATE when casting from column birth_ym",
        "Conversion Error: Type INT64 with value 19900000000 can't be cast because it is out of range for INT8",
        "Conversion Error: Could not convert string 'Zhang 199",
    ],
    ids=["quoted", "bare number", "cut within the quote"],
)
def test_a_failed_cast_does_not_say_what_it_met(message: str) -> None:
    """A model's error names the model and the kind of fault, never the value that broke it."""
    said = without_values(message)
    assert said.startswith("Conversion Error: ")
    assert "Zhang" not in said
    assert "199" not in said
