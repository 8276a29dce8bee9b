"""The identity of a telephone line, however its number is spelled; `line_of` of the migrations says the same.

- Argentina: a mobile has a 9 after +54 for who calls from abroad, and none at home (there a 15 after the
  area, which no E.164 number has). Area and number are ten digits that no fixed line shares.
- Mexico: until 2019 a mobile had a 1 after +52.
- Brazil: between 2012 and 2016 mobiles of eight digits, which began with 6 to 9, got a 9 before them. The
  trunked radios that kept eight digits were switched off in 2018.
"""

_LONG = 14
_SHORT = 13
_BRAZILIAN_MOBILE = frozenset("6789")


def line_of(number: str) -> str:
    """The line of a number in E.164; a number that has one spelling is its own."""
    if number.startswith(("+549", "+521")) and len(number) == _LONG:
        return number[:3] + number[4:]
    if number.startswith("+55") and len(number) == _SHORT and number[5] in _BRAZILIAN_MOBILE:
        return f"{number[:5]}9{number[5:]}"
    return number
