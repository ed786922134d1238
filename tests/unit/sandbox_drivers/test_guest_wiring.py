"""From Nova's model of networks and disks to plain words."""

from sandbox_drivers import wiring


class Network(dict):
    def get_meta(self, key):
        return {"mtu": 1442}.get(key)


def vif(**subnets):
    return {
        "id": "11111111-2222-3333-4444-555555555555",
        "address": "fa:16:3e:00:00:01",
        "network": Network(subnets=list(subnets.values())),
    }


V4 = {
    "cidr": "10.0.1.0/24",
    "ips": [{"address": "10.0.1.5"}, {"address": "10.0.1.6"}],
    "gateway": {"address": "10.0.1.1"},
    "routes": [{"cidr": "10.9.0.0/16", "gateway": {"address": "10.0.1.254"}}],
}
V6 = {"cidr": "fd00:1::/64", "ips": [{"address": "fd00:1::5"}], "gateway": None, "routes": []}


def test_a_port_with_both_families():
    port = wiring.port(vif(a=V4, b=V6))
    assert port == {
        "id": "11111111-2222-3333-4444-555555555555",
        "mac": "fa:16:3e:00:00:01",
        "tap": "tap11111111-22",
        "mtu": 1442,
        "addresses": ["10.0.1.5/24", "10.0.1.6/24", "fd00:1::5/64"],
        "gateways": ["10.0.1.1"],
        "routes": [["10.9.0.0/16", "10.0.1.254"]],
    }
    assert len(port["tap"]) <= 15


def mapping(device, path):
    return {"mount_device": device, "connection_info": {"data": {"device_path": path}} if path else None}


def test_data_volumes_without_the_disk_it_boots_from():
    info = {
        "root_device_name": "/dev/vda",
        "block_device_mapping": [
            mapping("/dev/vda", "/v/root"),
            mapping("/dev/vdb", "/v/data"),
            mapping("/dev/vdc", None),
        ],
    }
    assert wiring.volumes(info) == {"/dev/vdb": "/v/data"}
    assert wiring.volumes(None) == {}
    assert wiring.volumes({}) == {}
