"""What goes into every bundle as it stands: the auditor's README and the one file that checks."""
