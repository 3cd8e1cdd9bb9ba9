"""Measurements of the service's parts; run in services/policy as `python -m benchmarks.<name>`.

The random models and the settings are those of the tests.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
