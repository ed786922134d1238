"""Which traffic reaches which port of an OpenStack project, exactly, and which rule says so.

Pure: no input or output, no Django, no openstack; it answers from a snapshot of Neutron's own objects.
See docs/reachability.md.
"""

from .errors import BadInput, ReachabilityError, TooComplex
from .policy import PolicyAnalysis, analyse_policy

__all__ = ["BadInput", "PolicyAnalysis", "ReachabilityError", "TooComplex", "analyse_policy"]
