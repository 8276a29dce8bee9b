"""Settings from the environment (prefix CADENCIA_) or a .env file; every field has its unit and bound."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What one process of Cadencia needs to know."""

    model_config = SettingsConfigDict(env_prefix="CADENCIA_", env_file=".env", extra="ignore")

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
    web_origin: str = Field("", description="public origin of the consoles; empty = same host")
    webhook_secrets: SecretStr = Field(
        SecretStr(""), description="secrets of incoming webhooks (whsec_…), separated by spaces; empty = none"
    )
    cookie_secure: bool = Field(False, description="set behind HTTPS")
    sip_ws_url: str = Field("ws://127.0.0.1:8088/ws", description="the PBX's websocket for softphones")
    sip_domain: str = Field("127.0.0.1", description="domain in the softphones' SIP addresses")

    pacing_interval: float = Field(0.25, ge=0.05, le=5.0, description="seconds between pacing decisions")
    pacing_keep_days: int = Field(35, ge=1, le=3650, description="days that stored pacing decisions are kept")
    lease_ttl: float = Field(6.0, ge=1.0, le=60.0, description="seconds a lease lives without renewal")
    detach_grace: float = Field(30.0, ge=1.0, le=600.0, description="seconds an agent without a page stays")
    drain_limit: float = Field(120.0, ge=0.0, le=3600.0, description="seconds to wait for calls at the end")
    laboratory: bool = Field(
        False, description="rule packs marked for the laboratory hold here; never where people can be called"
    )
    log_json: bool = Field(True, description="JSON lines; false = for people")
    log_level: str = Field("info", description="debug, info, warning or error")
