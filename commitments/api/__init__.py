"""The REST door: reads Publications, and nothing else."""
