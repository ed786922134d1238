"""The panel Audit: what was changed, by whom, when, and how did it end?"""
