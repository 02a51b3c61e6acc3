"""Synthetic reports: invented agencies, own sentences, every layout that real pages have."""
