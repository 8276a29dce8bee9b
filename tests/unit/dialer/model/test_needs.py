"""What the person needs of an agent."""

from dialer.model.needs import wanted_skills


def test_a_debt_of_which_nobody_knows_the_age_is_the_youngest() -> None:
    undated = {"creditor": "Banco", "days_past_due": None, "stage": "new"}
    old = {"creditor": "Banco", "days_past_due": 45, "stage": "early"}
    assert "stage-early" in wanted_skills("es", (undated, old))
    assert "stage-new" in wanted_skills("es", (undated,))
