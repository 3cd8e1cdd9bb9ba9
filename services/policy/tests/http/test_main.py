"""The process: `python -m ssp_policy`."""

import json
import logging
import signal
import subprocess
import sys
import urllib.request
from dataclasses import fields
from pathlib import Path

import pytest
from make_settings import make_settings

from ssp_policy.__main__ import main
from ssp_policy.settings import Settings, parse_command_line

PACKAGE = Path(__file__).parents[2]


def flags(settings: Settings) -> list[str]:
    pairs = [(field.name, getattr(settings, field.name)) for field in fields(Settings)]
    return [f"--{name.replace('_', '-')}={text(v)}" for name, v in pairs if v is not None]


def text(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def start(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "ssp_policy", *arguments],
        cwd=PACKAGE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def read_until(process: subprocess.Popen, event: str) -> dict:
    assert process.stdout is not None
    for line in process.stdout:
        row = json.loads(line)
        assert row["time"].endswith("Z")
        if row["event"] == event:
            return row
    raise AssertionError(f"no {event}")


@pytest.fixture
def run(capsys):
    """Run the program inside this process; gives its exit code and the last event."""
    handlers = logging.getLogger().handlers[:]

    def call(*arguments: str) -> tuple[int, dict]:
        code = main(arguments)
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    yield call
    logging.basicConfig(handlers=handlers, force=True)


@pytest.mark.parametrize("way", ["SIGTERM", "input"])
def test_it_serves_until_it_is_told_to_stop(model_folder, way):
    with start(*flags(make_settings(model_folder)), "--stop-with-input") as process:
        url = read_until(process, "listening")["url"]
        read_until(process, "ready")
        with urllib.request.urlopen(f"{url}/readyz") as response:
            assert response.status == 200
        if way == "input":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        read_until(process, "stopped")
        assert process.wait(30) == 0


def test_a_model_that_cannot_be_read_ends_it_with_a_code(run, tmp_path):
    (tmp_path / "config.json").write_text("{")
    code, last = run(*flags(make_settings(tmp_path)))
    assert (code, last["event"]) == (2, "failed")
    assert last["error"]["code"].startswith("SSP_POLICY_MODEL_")
    assert str(tmp_path) in last["error"]["message"]


def test_preflight_loads_nothing(run, model_folder):
    code, plan = run(*flags(make_settings(model_folder)), "--preflight")
    assert (code, plan["event"]) == (0, "preflight")
    assert plan["fits"]
    assert "weights" in plan["table"]


def test_a_preflight_of_what_does_not_fit_shows_the_table_and_says_so(model_folder, capsys):
    settings = make_settings(model_folder, kv_cache_gb=100_000)
    assert main([*flags(settings), "--preflight"]) == 2
    plan, failed = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (plan["event"], plan["fits"]) == ("preflight", False)
    assert failed["error"]["code"] == "SSP_POLICY_DOES_NOT_FIT"


def test_what_was_chosen_is_logged(model_folder):
    settings = make_settings(
        model_folder, gradient_checkpointing="auto", micro_batch_tokens=None, kv_cache_gb=None
    )
    with start(*flags(settings), "--stop-with-input") as process:
        chosen = read_until(process, "memory")
        process.stdin.close()
    assert chosen["gradient_checkpointing"] == "off"
    assert chosen["micro_batch_tokens"] == 16_384
    assert "GB of" in chosen["needs"]


def test_an_unexpected_failure_is_told_as_one(run, model_folder, monkeypatch):
    def fail(_settings):
        raise ValueError("x")

    monkeypatch.setattr("ssp_policy.assembly.preflight", fail)
    code, last = run(*flags(make_settings(model_folder)), "--preflight")
    assert (code, last["event"]) == (3, "failed")
    assert last["error"]["code"] == "SSP_POLICY_INTERNAL"
    assert last["error"]["details"] == {"problem": "ValueError: x"}
    assert "in fail" in last["traceback"]


def test_wrong_arguments_are_told_at_once(model_folder, capsys):
    good = flags(make_settings(model_folder))
    assert parse_command_line(good).settings == make_settings(model_folder)
    for wrong in ("--max-running=0", "--dtype=int8", "--full=maybe", "--port=x", "--unknown=1"):
        with pytest.raises(SystemExit) as ended:
            parse_command_line([*good, wrong])
        assert ended.value.code == 2
        assert wrong.split("=")[0] in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parse_command_line([])


def test_a_service_on_other_addresses_needs_a_token(run, model_folder, monkeypatch):
    monkeypatch.delenv("SSP_TOKEN", raising=False)
    monkeypatch.delenv("SSP_POLICY_TOKEN", raising=False)
    code, last = run(*flags(make_settings(model_folder, host="0.0.0.0")))
    assert code == 2
    assert last["error"]["code"] == "SSP_POLICY_TOKEN_REQUIRED"
