"""Record on the sandbox what a real cloud's things look like: `python -m tests.conformance`."""

from __future__ import annotations

from tests.conformance import cases  # noqa: F401 (they register)
from tests.conformance.real import Real
from tests.conformance.recorded import Recorded
from tests.conformance.registry import ALL

if __name__ == "__main__":
    recorded = Recorded(recording=True)
    for run in ALL:
        target = Real(recorded=recorded)
        try:
            run(target)
        finally:
            target.tidy()
    recorded.write()
