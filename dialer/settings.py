"""Settings from the environment (prefix CADENCIA_) or a .env file; every field has its unit and bound."""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_FILE = ".env"
"""Read from the folder where the process starts, if it is there."""
PREFIX = "CADENCIA_"
_HOST_PORT = re.compile(r"\S+:[0-9]{1,5}")
_FUNCTION = re.compile(r"[\w.]+:\w+")
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_STUN = re.compile(rf"stuns?:{_HOST}")
_TURN = re.compile(rf"turns?:{_HOST}(?:\?transport=(?:udp|tcp))?")


def env_file() -> Path | None:
    """The file that is read beside the environment; None when there is none."""
    found = Path(ENV_FILE).absolute()
    return found if found.is_file() else None


def where_read() -> str:
    """Where settings come from, in brackets."""
    found = env_file()
    return f"(read: the environment, and {found})" if found else "(read: the environment; no .env is here)"


class Settings(BaseSettings):
    """What one process of Cadencia needs to know."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore")

    database_url: SecretStr = Field(
        SecretStr("postgres://cadencia@127.0.0.1:5432/cadencia"), description="PostgreSQL, the truth"
    )
    database_pool: int = Field(8, ge=2, le=100, description="connections of one process")
    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"), description="Redis or Valkey: bus and lease"
    )

    ami_host: str = Field("127.0.0.1", description="where the PBX's manager port listens")
    ami_port: int = Field(5038, ge=1, le=65535, description="the PBX's manager port")
    ami_user: str = Field("cadencia", description="account in manager.conf")
    ami_secret: SecretStr = Field(SecretStr(""), description="its secret")
    ami_ping: float = Field(2.0, gt=0, le=60, description="seconds between pings; two lost end the link")
    ami_timeout: float = Field(5.0, gt=0, le=60, description="seconds an action may take")

    signalling_host: str = Field(
        "127.0.0.1", description="address on which the PBX's copies of SIP messages (HEP) come in"
    )
    signalling_port: int = Field(0, ge=0, le=65535, description="its port, UDP; 0 = none")

    messages: str = Field(
        "/var/lib/asterisk/sounds",
        pattern=r"^/[A-Za-z0-9_./-]{1,200}$",
        description="folder on the PBX outside of which no sound can be named as a message for machines",
    )

    recordings_spool: Path = Field(Path("state/spool"), description="where the PBX writes captured audio")
    spool_low: int = Field(4096, ge=0, description="MB free in the spool below which there is an alarm")
    spool_full: int = Field(
        1024, ge=0, description="MB free in the spool below which campaigns that must record do not dial"
    )
    recordings_archive: Path = Field(Path("state/archive"), description="where recordings are kept")

    progress_host: str = Field("127.0.0.1", description="address the detector listens on")
    progress_port: int = Field(9092, ge=0, le=65535, description="its port for the PBX's audio; 0 = any")
    progress_control_port: int = Field(9093, ge=0, le=65535, description="its port for the engine; 0 = any")
    progress_announced: str = Field(
        "", description="host:port at which the PBX reaches the audio port; empty = the two above"
    )
    progress_secret: SecretStr = Field(SecretStr(""), description="what the engine proves itself with")
    progress_audio: Path = Field(
        Path("state/progress"), description="where the first seconds of screened calls are kept"
    )
    progress_streams: int = Field(
        120, ge=1, le=1000, description="calls the detector hears at once; each takes 10 MB"
    )
    progress_weights: Path | None = Field(None, description="weights of your own; none = those we ship")
    progress_classifier: str = Field("", description="'module:function' of another classifier; empty = ours")
    progress_metrics_port: int = Field(0, ge=0, le=65535, description="port of its /metrics; 0 = none")
    announcements: Path = Field(
        Path("state/announcements"), description="fingerprints of carriers' announcements"
    )

    web_host: str = Field("127.0.0.1", description="address that all our ports listen on")
    web_port: int = Field(8000, ge=0, le=65535, description="port of consoles and API; 0 = any")
    engine_port: int = Field(0, ge=0, le=65535, description="port of /metrics and health; 0 = none")
    archive_port: int = Field(0, ge=0, le=65535, description="same for the archive")
    worker_port: int = Field(0, ge=0, le=65535, description="same for the worker")
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="bearer token that opens every /metrics; empty = a supervisor's session on the"
        " consoles' port, this machine itself on the others",
    )
    web_origin: str = Field("", description="public origin of the consoles; empty = same host")
    webhook_secrets: SecretStr = Field(
        SecretStr(""), description="secrets of incoming webhooks (whsec_…), separated by spaces; empty = none"
    )
    company_words: str = Field(
        "",
        description="names of the firm and its creditors, separated by spaces: no password may rest on them",
    )
    trusted_proxies: str = Field(
        "",
        description="addresses or networks of reverse proxies, separated by spaces: whom these forward is the"
        " last address of their X-Forwarded-For; empty = nobody is believed",
    )
    cookie_secure: bool = Field(False, description="set behind HTTPS")
    sip_ws_url: str = Field("ws://127.0.0.1:8088/ws", description="the PBX's websocket for softphones")
    sip_domain: str = Field("127.0.0.1", description="domain in the softphones' SIP addresses")

    stun_urls: str = Field(
        "",
        description="STUN servers for the softphones, separated by spaces (stun:host:3478); empty = none",
    )
    turn_urls: str = Field(
        "",
        description="TURN servers for the softphones, separated by spaces (turn:host:3478?transport=udp,"
        " turns:host:443?transport=tcp); empty = none",
    )
    turn_secret: SecretStr = Field(
        SecretStr(""),
        description="the secret shared with them (coturn: static-auth-secret); browsers get credentials of"
        " a day made from it, never itself",
    )

    pacing_interval: float = Field(0.25, ge=0.05, le=5.0, description="seconds between pacing decisions")
    pacing_keep_days: int = Field(35, ge=1, le=3650, description="days that stored pacing decisions are kept")
    jobs_keep_days: int = Field(
        7, ge=1, le=365, description="days that jobs which ended are kept, with their files and rejected rows"
    )
    jobs_dead_after: float = Field(
        15.0,
        ge=1.0,
        le=600.0,
        description="seconds without a sign of a worker until others do its jobs",
    )
    lease_ttl: float = Field(6.0, ge=1.0, le=60.0, description="seconds a lease lives without renewal")
    detach_grace: float = Field(30.0, ge=1.0, le=600.0, description="seconds an agent without a page stays")
    drain_limit: float = Field(120.0, ge=0.0, le=3600.0, description="seconds to wait for calls at the end")
    laboratory: bool = Field(
        False, description="rule packs marked for the laboratory hold here; never where people can be called"
    )
    log_json: bool = Field(True, description="JSON lines; false = for people")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error"
    )

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_small_letters(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, url: SecretStr) -> SecretStr:
        return _address(url, ("postgres", "postgresql"), ports=False)

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: SecretStr) -> SecretStr:
        return _address(url, ("redis", "rediss", "unix"))

    @field_validator("sip_ws_url")
    @classmethod
    def _is_websocket(cls, url: str) -> str:
        return _address(SecretStr(url), ("ws", "wss")).get_secret_value()

    @field_validator("web_origin")
    @classmethod
    def _is_origin(cls, url: str) -> str:
        return _address(SecretStr(url), ("http", "https")).get_secret_value() if url else url

    @field_validator("stun_urls")
    @classmethod
    def _are_stun(cls, urls: str) -> str:
        return _each(urls, _STUN, "stun:host[:port] or stuns:host[:port], separated by spaces")

    @field_validator("turn_urls")
    @classmethod
    def _are_turn(cls, urls: str) -> str:
        return _each(urls, _TURN, "turn:host[:port][?transport=udp|tcp] or turns:…, separated by spaces")

    @field_validator("progress_announced")
    @classmethod
    def _is_host_and_port(cls, at: str) -> str:
        if at and not _HOST_PORT.fullmatch(at):
            raise ValueError("host:port")
        return at

    @field_validator("progress_classifier")
    @classmethod
    def _is_function(cls, name: str) -> str:
        if name and not _FUNCTION.fullmatch(name):
            raise ValueError("module:function")
        return name


def _each(urls: str, form: re.Pattern[str], said: str) -> str:
    """The URLs if each has this form (RFC 7064, RFC 7065); a browser refuses the whole list for a bad one."""
    if not all(form.fullmatch(url) for url in urls.split()):
        raise ValueError(said)
    return urls


def _address(url: SecretStr, schemes: tuple[str, ...], *, ports: bool = True) -> SecretStr:
    """The address if it is one of these kinds; else ValueError with the form it should have, never itself.

    `ports` = it has one port at most (Postgres may be given several hosts, each with its own).
    """
    try:
        parts = urlsplit(url.get_secret_value())
        whole = parts.scheme in schemes and bool(parts.netloc or parts.path)
        _ = parts.port if ports else None  # looks at it
    except ValueError:
        whole = False
    if not whole:
        raise ValueError(" or ".join(f"{scheme}://…" for scheme in schemes))
    return url
