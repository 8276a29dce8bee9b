"""An address that the driver will not try is told by its part, and by nothing that stands in it."""

import pytest

from dialer.exceptions import SettingUnusable
from dialer.store.migrate import pending

SECRET = "not-to-be-told"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("{at}?sslmode=verify-full", "need a root certificate: sslrootcert"),
        ("{at}?sslmode={secret}", "sslmode is none of disable, allow"),
        ("{at}?sslnegotiation={secret}", "sslnegotiation is neither postgres nor direct"),
        ("{at}?sslnegotiation=direct&sslmode=prefer", "sslnegotiation=direct needs sslmode=require"),
        ("{at}?target_session_attrs={secret}", "target_session_attrs is none"),
        ("{secret}://u@h/nothing", "has not this form: postgres://"),
        ("postgres://u:{secret}@h:port/nothing", "has not this form: postgres://"),
    ],
)
async def test_what_is_wrong_with_an_address_is_named_and_not_quoted(address: str, told: str) -> None:
    at = f"postgres://nobody:{SECRET}@127.0.0.1:1/nothing"
    with pytest.raises(SettingUnusable, match=told) as refused:
        await pending(address.format(at=at, secret=SECRET))
    assert SECRET not in str(refused.value)
