"""Print out of pictures: texts of whole pages, and numbers of single cells with their probabilities."""
