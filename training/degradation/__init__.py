"""Scans made of clean pages by the physics of print, copy, fax, scan and photo, with the truth carried along."""
