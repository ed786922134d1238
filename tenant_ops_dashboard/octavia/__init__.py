"""What Octavia's own words mean, for every capability that shows a load balancer. Pure."""
