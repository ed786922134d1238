"""How much work one exact answer may cost before it is refused as 'too complex'."""

import time
from dataclasses import dataclass, field

from tenant_ops_dashboard.sentences import say

from .errors import TooComplex

#: Figures of one budget: seconds of processor time, nodes made, bytes held by rule masks, boxes written out.
SECONDS = 1.2
NODES = 400_000
MASK_BYTES = 120_000_000
BOXES = 100_000


@dataclass(slots=True)
class Budget:
    """Counts nodes, mask bytes and boxes of one question and stops it when a limit is passed.

    One budget covers one question (a policy analysed, an exposure computed), not the life of a process.
    """

    seconds: float = SECONDS
    nodes: int = NODES
    mask_bytes: int = MASK_BYTES
    boxes: int = BOXES
    _started: float = field(default_factory=time.thread_time)
    _before: int = 0

    def check(self, nodes: int, mask_bytes: int) -> None:
        """Raise TooComplex when `nodes` made or `mask_bytes` held, or the time since the start, pass their limit."""
        if nodes - self._before > self.nodes:
            raise TooComplex(say("the budget of {nodes} nodes for one set of traffic is used up", nodes=self.nodes))
        if mask_bytes > self.mask_bytes:
            raise TooComplex(
                say(
                    "the budget of {mask_bytes} MB for sets of rules is used up",
                    mask_bytes=self.mask_bytes // 1_000_000,
                )
            )
        if time.thread_time() - self._started > self.seconds:
            raise TooComplex(
                say("the budget of {seconds:g} s of processor time for one answer is used up", seconds=self.seconds)
            )

    def restart(self, nodes: int = 0) -> None:
        """Begin the next question with `nodes` made already: its seconds and its nodes."""
        self._started = time.thread_time()
        self._before = nodes

    def spend_boxes(self, count: int) -> None:
        """Raise TooComplex when one answer would be written as more than the allowed number of boxes."""
        if count > self.boxes:
            raise TooComplex(say("the budget of {boxes} boxes for one answer is used up", boxes=self.boxes))
