"""Pages out of their pictures: cleaned, their rules told from strokes of print, and what is read on them."""
