"""Why the driver will not even try a database's address, in words that quote nothing of it."""

import asyncpg

from dialer.exceptions import SettingUnusable

_PARTS = (
    ("root certificate file", "sslmode=verify-ca and verify-full need a root certificate: sslrootcert=…"),
    ("`sslmode`", "sslmode is none of disable, allow, prefer, require, verify-ca, verify-full"),
    ("`sslnegotiation`", "sslnegotiation is neither postgres nor direct"),
    ("direct TLS", "sslnegotiation=direct needs sslmode=require, verify-ca or verify-full"),
    ("TLS version", "ssl_min_protocol_version or ssl_max_protocol_version is none"),
    ("target_session_attrs", "target_session_attrs is none that there is"),
    ("user name", "it names no user"),
    ("database name", "it names no database"),
)
"""What the driver's words speak of, and what is told of it: its own words may hold a secret."""


def unusable(error: ValueError) -> SettingUnusable:
    """What is told of the address that raised this."""
    said = str(error) if isinstance(error, asyncpg.ClientConfigurationError) else ""
    why = next((told for part, told in _PARTS if part in said), "")
    if not why:
        return SettingUnusable("CADENCIA_DATABASE_URL has not this form: postgres://…")
    return SettingUnusable(f"CADENCIA_DATABASE_URL cannot be used: {why}")
