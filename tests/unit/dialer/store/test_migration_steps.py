"""Steps of a migration are read from its file, and a file that cannot be meant so is refused."""

import pytest

from dialer.store.migration_steps import Step, steps_of


def test_steps_and_batches_in_their_order() -> None:
    found = steps_of("\n-- step: one\nCREATE INDEX a ON b (c);\n-- batch: two\n-- why\nUPDATE b SET c = 1;\n")
    assert found == (
        Step("one", "CREATE INDEX a ON b (c);"),
        Step("two", "-- why\nUPDATE b SET c = 1;", batch=True),
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1;\n-- step: one\nSELECT 1;",
        "-- step: one\n",
        "-- step: one\nSELECT 1;\n-- batch: one\nSELECT 2;",
    ],
)
def test_what_has_no_name_or_no_statement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="step"):
        steps_of(text)


def test_most_files_have_none() -> None:
    assert steps_of("\n") == ()
