"""What makes it learn: synthetic reports, datasets, fitting, evaluation."""
