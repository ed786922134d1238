"""A time-boxed sample of the comparison with the naive cloud; the full run is `make verify`."""

from tests.verify.reachability import check_naive


def test_probe_and_exposure_agree_with_a_cloud_simulated_device_by_device():
    told = check_naive.run(packets=12_000, seed=9_000, per_cloud=60, seconds=12)
    assert told["mismatches"] == []
    assert min(told["allow"], told["deny"], told["no-route"]) > 0
