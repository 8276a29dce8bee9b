"""The consoles' door: cookies over HTTPS only, and a proxy that is known."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from dialer.doctor.findings import Finding, Speaker
from dialer.settings import Settings


async def safety(settings: Settings, speaker: Speaker) -> list[Finding]:
    """What strangers could make of how the consoles are served."""
    return [_cookies(settings, speaker), _proxy(settings, speaker)]


def _cookies(settings: Settings, speaker: Speaker) -> Finding:
    """A cookie that goes over plain HTTP is anybody's on the way."""
    origin = urlsplit(settings.web_origin)
    if origin.scheme == "https" and settings.cookie_secure:
        return speaker.well("cookies", "cookies", origin=settings.web_origin)
    if origin.scheme == "https":
        return speaker.ill("cookies", "cookies_insecure", "cure_cookies_insecure", origin=settings.web_origin)
    if _is_loopback(origin.hostname or settings.web_host) and _is_loopback(settings.web_host):
        return speaker.well("cookies", "cookies_here")
    return speaker.ill("cookies", "cookies_plain", "cure_cookies_plain", host=settings.web_host)


def _proxy(settings: Settings, speaker: Speaker) -> Finding:
    """Behind a proxy that is not named everybody who logs in has one address."""
    if urlsplit(settings.web_origin).scheme == "https" and not settings.trusted_proxies:
        return speaker.ill("proxy", "proxy_unknown", "cure_proxy_unknown")
    return speaker.well("proxy", "proxy", proxies=settings.trusted_proxies or "–")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
