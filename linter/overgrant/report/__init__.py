"""Reports: what a run found and what it did not look at, and one module per form of output.

Every report is a pure function of a `Result`: two runs over the same files print the same bytes.
"""

from __future__ import annotations

from overgrant.result import Coverage, Held, Result, Unread, order, places

__all__ = ["Coverage", "Held", "Result", "Unread", "order", "places"]
