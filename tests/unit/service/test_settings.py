from pathlib import Path

import pytest

from service.settings import InvalidSettings, load_settings

SECRET = "a secret of forty characters, for tests."  # noqa: S105 - of tests alone


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("WEIR_SECRET", SECRET)
    monkeypatch.setenv("WEIR_STATE_DIR", str(tmp_path / "deep" / "state"))
    for name in ("WEIR_DATABASE_URL", "WEIR_HOST", "WEIR_PORT", "WEIR_ALLOW_REMOTE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_secret_alone_is_enough(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("WEIR_STATE_DIR")
    environment.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.state_dir == tmp_path / "weir"
    assert settings.url == f"sqlite:///{tmp_path}/weir/weir.sqlite"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)


@pytest.mark.usefixtures("environment")
def test_the_state_folder_is_made_for_its_owner_alone() -> None:
    folder = load_settings().state_dir
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0


def test_a_missing_secret_is_named_and_how_to_make_one(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("WEIR_SECRET")
    with pytest.raises(InvalidSettings, match=r"WEIR_SECRET: is not set.*token_urlsafe"):
        load_settings()


def test_a_short_secret_is_refused_and_not_repeated(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WEIR_SECRET", "short")
    with pytest.raises(InvalidSettings, match=r"WEIR_SECRET: must have 32") as refused:
        load_settings()
    assert "'short'" not in refused.value.detail


@pytest.mark.usefixtures("environment")
def test_the_command_line_overrides_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WEIR_PORT", "9000")
    assert load_settings(port=None).port == 9000
    assert load_settings(port=9001).port == 9001


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "weir.example"])  # noqa: S104 - is refused
def test_other_machines_are_let_in_only_when_told(
    environment: pytest.MonkeyPatch, host: str
) -> None:
    with pytest.raises(InvalidSettings, match=r"WEIR_HOST.*WEIR_ALLOW_REMOTE"):
        load_settings(host=host)
    environment.setenv("WEIR_ALLOW_REMOTE", "true")
    assert load_settings(host=host).host == host


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_loopback_needs_no_telling(host: str) -> None:
    assert load_settings(host=host).host == host


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEIR_PORT", "many"),
        ("WEIR_PORT", "70000"),
        ("WEIR_LANE_WINDOW_MINUTES", "0"),
        ("WEIR_MAX_BODY_BYTES", "-1"),
        ("WEIR_DATABASE_URL", "mysql://localhost/weir"),
        ("WEIR_DATABASE_URL", "sqlite://"),
        ("WEIR_LOG_LEVEL", "loud"),
        ("WEIR_RETENTION_DAYS", "36501"),
        ("WEIR_RETENTION_DAYS", "999999999999"),
        ("WEIR_LANE_WINDOW_MINUTES", "nan"),
        ("WEIR_LANE_WINDOW_MINUTES", "10081"),
        ("WEIR_MAX_BODY_BYTES", "100000001"),
        ("WEIR_MAX_WAITING_ITEMS", "1000001"),
        ("WEIR_CHAMPION_POLL_SECONDS", "nan"),
        ("WEIR_CHAMPION_POLL_SECONDS", "inf"),
        ("WEIR_CHAMPION_POLL_SECONDS", "1e-9"),
        ("WEIR_SECRET", "s" * 10_001),
        ("WEIR_HOST", "h" * 256),
    ],
)
def test_what_cannot_be_used_is_named(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(InvalidSettings, match=name):
        load_settings()


def test_a_state_folder_that_others_use_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    (home / "letters.txt").touch()
    environment.setenv("WEIR_STATE_DIR", str(home))
    with pytest.raises(InvalidSettings, match=r"WEIR_STATE_DIR: .*chmod 700"):
        load_settings()


def test_a_state_folder_that_cannot_be_made_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    environment.setenv("WEIR_STATE_DIR", str(tmp_path / "file" / "state"))
    with pytest.raises(InvalidSettings, match="WEIR_STATE_DIR: cannot make"):
        load_settings()


@pytest.mark.usefixtures("environment")
def test_secrets_do_not_show_when_settings_are_printed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WEIR_DATABASE_URL", "postgresql+psycopg://weir:hidden@db/weir")
    shown = repr(load_settings())
    assert SECRET not in shown
    assert "hidden" not in shown
