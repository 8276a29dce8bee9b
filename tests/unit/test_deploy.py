"""What a server copies from deploy/server fits the program: limits, codes, ports, names of settings."""

import re
from pathlib import Path
from typing import Any

from dialer.cli.supervise import UNFIT
from dialer.settings import PREFIX, Settings

SERVER = Path(__file__).resolve().parents[2] / "deploy" / "server"
DRAIN_AND_MORE = 15.0
"""Seconds beyond the drain limit in which an engine is gone in any case (docs/how-to/operate.md)."""


def unit() -> dict[str, str]:
    """What the unit file says, the last of each name."""
    lines = (SERVER / "cadencia@.service").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_the_unit_lets_calls_end_and_does_not_start_what_cannot_run() -> None:
    said = unit()
    assert float(said["TimeoutStopSec"]) > Settings.model_fields["drain_limit"].default + DRAIN_AND_MORE
    assert said["RestartPreventExitStatus"] == str(UNFIT)
    assert (said["Restart"], said["KillMode"]) == ("always", "mixed")
    # So often within the interval that the limit can be reached at all, by what ends at once.
    assert int(said["StartLimitBurst"]) * int(said["RestartSec"]) < int(said["StartLimitIntervalSec"])
    assert said["ExecStart"].endswith("cadencia run --role %i")


def test_the_settings_for_a_server_are_settings() -> None:
    text = (SERVER / "env").read_text()
    names = {name.removeprefix(PREFIX).lower() for name in re.findall(r"^(\w+)=", text, re.MULTILINE)}
    assert names <= set(Settings.model_fields)
    lines = re.findall(r"^CADENCIA_(\w+)=(.*)$", text, re.MULTILINE)
    values: dict[str, Any] = {name.lower(): value for name, value in lines}
    read = Settings(_env_file=None, **values)
    assert read.cookie_secure
    assert read.sip_ws_url == f"wss://{read.sip_domain}/ws"
    assert read.web_origin == f"https://{read.sip_domain}"


def test_nginx_passes_the_live_wire_and_the_softphones_to_where_they_are() -> None:
    text = (SERVER / "nginx.conf").read_text()
    web = f"http://127.0.0.1:{Settings.model_fields['web_port'].default}"
    places = dict(re.findall(r"location (?:= )?(\S+) \{\s*(?:proxy_pass )?([^;]+);", text))
    assert places == {
        "/metrics": "return 404",
        "/api/v1/live": web,
        "/ws": "http://127.0.0.1:8088/ws",
        "/": web,
    }
    assert text.count("proxy_set_header Upgrade") == 2
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text


def test_nginx_waits_for_what_answers_late() -> None:
    """A list of numbers answers at its end, the wires when there is news: nginx itself waits 60 s."""
    text = (SERVER / "nginx.conf").read_text()
    passing = [body for body in re.findall(r"location [^{]+\{([^}]*)\}", text) if "proxy_pass" in body]
    assert len(passing) == 3
    assert all("proxy_read_timeout 1h;" in body for body in passing)
