"""Mirrors are found in every form that apt knows, and only Debian's own archive is taken."""

from sip_lab.apt_sources import Source, parse_deb822, parse_one_line


def test_deb822_gives_the_main_archive_and_its_key() -> None:
    text = """\
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""
    assert parse_deb822(text) == [Source("http://mirror.example/debian", "/usr/share/keyrings/some.gpg")]


def test_deb822_leaves_out_what_is_off_or_source_only() -> None:
    off = "Types: deb\nEnabled: no\nURIs: http://a.example/debian\nSuites: trixie\nComponents: main\n"
    source = "Types: deb-src\nURIs: http://a.example/debian\nSuites: trixie\nComponents: main\n"
    assert parse_deb822(off) == []
    assert parse_deb822(source) == []


def test_deb822_with_an_embedded_key_names_no_file() -> None:
    text = (
        "Types: deb\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n"
    )
    assert parse_deb822(text) == [Source("http://a.example/debian", None)]


def test_one_line_entries_with_and_without_options() -> None:
    text = """\
# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/k.gpg] http://a.example/debian/ bookworm main non-free # ours
deb http://security.example/debian-security bookworm-security main
deb http://vendor.example/apt cloud-sdk-bookworm main
deb-src http://a.example/debian bookworm main
deb http://b.example/debian testing contrib main
"""
    assert parse_one_line(text) == [
        Source("http://a.example/debian", "/etc/k.gpg"),
        Source("http://b.example/debian", None),
    ]


def test_another_distribution_is_not_debian() -> None:
    assert parse_one_line("deb http://archive.example/ubuntu noble main universe") == []
