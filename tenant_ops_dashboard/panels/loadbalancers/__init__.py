"""The panel Load balancers: is it serving, who is down, since when, why?"""
