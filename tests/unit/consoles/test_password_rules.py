"""Which passwords are taken, and why others are not."""

import pytest

from consoles.password_rules import REASONS, weakness, words_of
from consoles.problems import STATUS
from dialer.settings import Settings

SETTINGS = Settings(
    _env_file=None, company_words="Cobros Andinos", web_origin="https://consola.andinos.example"
)
WORDS = words_of(SETTINGS, "marta.lopez", "Marta López")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Kd8#wq", "password_short"),
        ("Kd8#wq " * 40, "password_long"),
        ("martalopez2026", "password_personal"),
        ("Marta_Lopez.26", "password_personal"),
        ("andinosandinos", "password_pattern"),
        ("Andinos-2026", "password_personal"),
        ("cadencia-demo", "password_personal"),
        ("cobranza2026", "password_personal"),
        ("cadencia-marta-cadencia", "password_personal"),
        ("martaCobranzas1", "password_personal"),
        ("contraseña12", "password_personal"),
        ("princess12345", "password_common"),
        ("qwertyuiop12", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_pattern"),
        ("123123123123123", "password_pattern"),
        ("12/04/1984-12", "password_pattern"),
    ],
)
def test_what_is_easily_guessed_is_refused_with_its_reason(password: str, why: str) -> None:
    assert weakness(password, WORDS) == why


@pytest.mark.parametrize(
    "password",
    [
        "caballo grapa pila",
        "correct horse 1",
        "T7#kfP2mQz9x",
        "ñandú-y-quinqué 4",
        "pez " * 4 + "y remo verde " * 18,
    ],
)
def test_several_words_or_a_drawn_one_are_taken(password: str) -> None:
    assert weakness(password, WORDS) is None


def test_the_words_are_those_of_user_firm_and_host() -> None:
    assert {"marta", "lópez", "marta lópez", "cobros", "andinos", "consola"} <= set(WORDS)


def test_every_reason_is_a_problem_of_the_api() -> None:
    assert set(REASONS) <= set(STATUS)
