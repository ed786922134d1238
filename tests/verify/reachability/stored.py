"""A firewall rule as Neutron hands it to its drivers, by Neutron's own functions."""

from neutron_fwaas.common import utils


def stored(rule):
    """The rule with its ports kept as two numbers and written out again."""
    ports = {
        key: utils.get_port_range_from_min_max_ports(*utils.get_min_max_ports_from_range(rule[key]))
        for key in ("source_port", "destination_port")
    }
    return {**rule, **ports}
