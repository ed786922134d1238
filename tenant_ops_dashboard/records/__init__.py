"""What no OpenStack service keeps: members' changes, samples of statistics, notes on the time line, mutes, leases."""
