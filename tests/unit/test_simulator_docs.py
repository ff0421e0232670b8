"""The table of what is imitated names a test for each of its rules; here is seen that there are such tests."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "simulator.md").read_text().partition("## What is imitated")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (?!rule|---|\*\*)(.+?) \|.*\| `?([^`|]*)`? \|$", TABLE, re.MULTILINE)


def test_the_table_is_there() -> None:
    assert len(ROWS) > 70


@pytest.mark.parametrize(("rule", "test"), ROWS, ids=[rule for rule, _ in ROWS])
def test_a_rule_has_its_test(rule: str, test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in functions, f"{rule}: no test {test}"
