import ast
import re
from pathlib import Path

from ssp_policy.errors import CATALOGUE, PolicyError, as_policy_error

SOURCES = Path(__file__).parents[2] / "ssp_policy"


def test_texts_are_filled_from_the_details():
    error = PolicyError("SSP_POLICY_QUEUE_FULL", waiting=7, limit=5, param="n")
    assert error.message == "7 requests are waiting; the limit is 5."
    assert (error.status, error.exit_code) == (429, 3)
    assert list(error.body()) == ["code", "message", "remedy", "details"]
    assert error.body()["details"] == {"waiting": 7, "limit": 5, "param": "n"}
    body = error.openai_body()["error"]
    assert body["details"] == {"waiting": 7, "limit": 5}
    assert body["param"] == "n"
    assert body["type"] == "invalid_request_error"


def test_any_other_error_is_internal():
    error = as_policy_error(ValueError("x"))
    assert error.code == "SSP_POLICY_INTERNAL"
    assert "ValueError: x" in error.message
    assert as_policy_error(error) is error


def test_every_error_in_the_code_gives_what_its_texts_ask_for():
    seen = 0
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PolicyError"):
                continue
            code = node.args[0]
            if not isinstance(code, ast.Constant):
                continue
            seen += 1
            row = CATALOGUE[code.value]
            asked = set(re.findall(r"\{(\w+)\}", row["message"] + row["remedy"]))
            given = {keyword.arg for keyword in node.keywords} - {"param"}
            assert given == asked, f"{path.name}:{node.lineno} {code.value}"
    assert seen > 20
