"""What JSON can hold where something else was meant, for hypothesis; and how to put it into an answer of a service."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# Names that mean something somewhere, so that garbage gets past the first look.
KEYS = (
    "resources", "type", "properties", "metadata", "tenant_ops", "scaling", "title", "tier", "kind", "arrows", "parts",
    "titles", "each", "part_of", "get_param", "get_resource", "get_attr", "if", "equals", "not", "list_join",
    "list_concat", "str_replace", "repeat", "template", "params", "zones", "flows", "from", "to", "name", "port",
    "desired_capacity", "resource", "rules", "networks", "id", "addr", "ip_address", "subnet_id", "members", "pools",
    "rel", "href", "output_key", "output_value",
)  # fmt: skip
WORDS = (
    "", "a/b", "x" * 255, "\u202eevil", "\x1b[31mred\x00", "<script>alert(1)</script>", "{{ 7 }}", "%s%n", "-1", "nan",
    "OS::Nova::Server", "OS::Heat::ResourceGroup", "OS::Neutron::SecurityGroup", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00", "2026-11-21T06:00:00Z", "CREATE_COMPLETE", "_", "application", "10.20.1.0/24",
)  # fmt: skip
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 3, 20_000, 10**25, 0.0, 1e300, float("nan"), float("inf")]),
    st.sampled_from(WORDS),
    st.text(max_size=20),
)
json = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), inner, max_size=4),
    ),
    max_leaves=12,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same value with something else at a place."""
    if not path:
        return new
    key, *rest = path
    made: Any = dict(value) if isinstance(value, dict) else list(value)
    made[key] = put(value[key], tuple(rest), new)
    return made
