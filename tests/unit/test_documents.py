"""What the documents say is so: settings, commands, links, versions, and what the containers are made of."""

import os
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETTINGS = {name.upper(): field.default for name, field in Settings.model_fields.items()}
TOGETHER = dict.fromkeys(("API_ID", "API_HASH"), ("API_ID", "API_HASH"))
"""What is set together or not at all."""
SERVICES = ("magpie", "mongo", "aria2", "qbittorrent")
MOST_PICTURE_BYTES = 300_000
MACHINE = re.compile(r"(?<![\w./-])/(?:work|root|home|tmp)/\w")
# spelled in parts, so that this file does not find itself
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            *(
                ("pypi", "org"),
                ("pythonhosted", "org"),
                ("npmjs", "org"),
                ("npmjs", "com"),
                ("deb", "debian", "org"),
            ),
            *(("registry", "yarnpkg", "com"), ("ghcr", "io"), ("crates", "io"), ("proxy", "golang", "org")),
        )
    )
)


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project: what .gitignore names is none."""
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()} | {".git"}
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored and not name.endswith(".egg-info")]
        found += [Path(folder, name) for name in names if name not in ignored and not name.endswith(".pyc")]
    return tuple(sorted(found))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> Iterator[tuple[str, str]]:
    for path in files():
        try:
            yield shown(path), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def pages() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def described() -> dict[str, str]:
    """The settings table of the README: name → default."""
    table = README.partition("\n## Settings\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \|", table, re.MULTILINE))


def examples() -> dict[str, tuple[str, bool]]:
    """.env.example: name → value, and whether it is set."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    found = (re.fullmatch(r"(#?)([A-Z0-9_]+)=(.*)", line) for line in lines)
    return {match[2]: (match[3], not match[1]) for match in found if match}


def spelled(default: object) -> str:
    """A default as the environment spells it; empty when there is none."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, float):
        return f"{default:g}"
    return (
        "" if default in (None, ()) else str(default).lower() if isinstance(default, bool) else str(default)
    )


# -- settings --------------------------------------------------------------------------------------------------


def test_the_readme_describes_every_setting_and_no_other() -> None:
    assert set(described()) == set(SETTINGS)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_readme_says_the_true_default(name: str) -> None:
    default, said = spelled(SETTINGS[name]), described()[name]
    assert said == f"`{default}`" if default else "`" not in said


def test_the_example_names_every_setting_and_what_the_containers_need() -> None:
    assert set(examples()) == set(SETTINGS) | set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_example_is_a_value_that_may_be_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting, raising=False)
    value, is_set = examples()[name]
    default = spelled(SETTINGS[name])
    if default:
        assert value == default
    if is_set:
        assert value == "", "the example sets nothing"
    else:
        for setting in TOGETHER.get(name, (name,)):
            monkeypatch.setenv(setting, examples()[setting][0])
        Settings(_env_file=None)


# -- commands, links, versions ---------------------------------------------------------------------------------


def code_of(page: Path) -> str:
    return "\n".join(re.findall(r"```[^\n]*\n.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_command_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {
        command.name or str(getattr(command.callback, "__name__", "")) for command in app.registered_commands
    }
    code = code_of(page)
    assert set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", code, re.MULTILINE)) <= targets
    assert set(re.findall(r"(?:^|[`/])magpie ([a-z]+)", code, re.MULTILINE)) <= commands


def test_the_two_commands_are_in_the_readme() -> None:
    assert {"run", "test"} <= set(re.findall(r"^make (\w+)$", README, re.MULTILINE))


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    inside = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_path_in_a_page_exists(page: Path) -> None:
    """Files of ours that a page names: `bot/settings.py`, `services/media/`."""
    named = re.findall(
        r"`((?:bot|handlers|jobs|locales|models|services|simulator|tests|docs)/[\w./-]*)", code_of(page)
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    links = {(ROOT / "docs" / link).resolve() for link in re.findall(r"\]\(([^)\s]+\.md)\)", index)}
    assert {page for page in pages() if (ROOT / "docs") in page.parents} - links == {
        ROOT / "docs" / "README.md"
    }


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.search(
        r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert newest is not None
    assert newest[1] == PROJECT["project"]["version"]


def test_the_picture_is_a_picture_and_small() -> None:
    picture = (ROOT / "docs" / "picture.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < MOST_PICTURE_BYTES


# -- what must not be in any file ------------------------------------------------------------------------------


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert [f"{name}: {found[0]}" for name, text in texts() if (found := MACHINE.search(text))] == []


def test_such_a_path_would_be_found() -> None:
    assert MACHINE.search(f"see {os.sep}root/x")
    assert not MACHINE.search("https://host/tmp/x")


def test_no_file_names_a_package_registry() -> None:
    assert [f"{name}: {found[0]}" for name, text in texts() if (found := REGISTRIES.search(text))] == []


# -- containers ------------------------------------------------------------------------------------------------


def stages() -> dict[str, list[str]]:
    """The Dockerfile's instructions by stage; the last stage is named like its place."""
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    found: dict[str, list[str]] = {}
    for line in joined.splitlines():
        if line.startswith("FROM "):
            current = found.setdefault(line.partition(" AS ")[2] or "last", [])
        if line and not line.startswith("#"):
            current.append(" ".join(line.split()))
    return found


def test_the_image_is_built_of_what_is_there() -> None:
    copied = [line.split()[1:-1] for line in stages()["builder"] if line.startswith("COPY ")]
    sources = {source for line in copied for source in line}
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= sources
    admitted = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"
    }
    assert sources == admitted


def test_the_image_runs_with_few_rights_and_says_how_it_is() -> None:
    last = stages()["last"]
    assert [line for line in last if line.startswith(("USER ", "HEALTHCHECK ", "VOLUME ", "CMD "))] == [
        "USER magpie",
        "VOLUME /data",
        *(line for line in last if line.startswith("HEALTHCHECK ") and "/healthz" in line),
        'CMD ["magpie", "run"]',
    ]
    assert "USER aria2" in stages()["aria2"]


def test_the_image_has_a_python_that_is_supported() -> None:
    used = set(re.findall(r"FROM python:(\d+\.\d+)-slim", DOCKERFILE))
    oldest, newest = re.findall(r"\d+\.(\d+)", PROJECT["project"]["requires-python"])
    assert len(used) == 1
    assert int(oldest) <= int(used.pop().partition(".")[2]) < int(newest)


def service(name: str) -> str:
    """The block of one service, without comments."""
    plain = re.sub(r"^\s*#.*\n", "", COMPOSE, flags=re.MULTILINE)
    block = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", plain.partition("\nvolumes:\n")[0], re.MULTILINE)
    assert block is not None, name
    return block[1]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_and_started_again(name: str) -> None:
    assert "\n    healthcheck:\n      test: " in service(name)
    assert "    restart: unless-stopped\n" in service(name)


def test_the_bot_waits_until_the_others_are_healthy() -> None:
    assert re.findall(r"      (\w+):\n        condition: service_healthy", service("magpie")) == list(
        SERVICES[1:]
    )


def test_no_password_has_a_default() -> None:
    values = re.findall(r"^ +([A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN)): (.+)$", COMPOSE, re.MULTILINE)
    assert len(values) >= 5
    assert [name for name, value in values if not re.fullmatch(r"\$\{[A-Z0-9_]+:\?.+\}", value)] == []
    assert all(":?" in used for used in re.findall(r"\$\{[^}]*\}", COMPOSE))


def test_ports_are_for_this_machine_only() -> None:
    assert re.findall(r'^ +- "([^"]*:\d+:\d+)"$', COMPOSE, re.MULTILINE) == ["127.0.0.1:8080:8080"]
    assert sum(service(name).count("ports:") for name in SERVICES) == 1


def test_the_containers_set_only_settings_that_there_are() -> None:
    environment = service("magpie").partition("    environment:\n")[2].partition("    volumes:")[0]
    names = set(re.findall(r"^      ([A-Z0-9_]+):", environment, re.MULTILINE))
    assert names
    assert names <= set(SETTINGS)
