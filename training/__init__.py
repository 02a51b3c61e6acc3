"""What makes it learn: synthetic reports, degradation, datasets, fitting, evaluation, tracking."""
