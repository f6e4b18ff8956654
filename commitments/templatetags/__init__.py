"""What templates ask for that no page hands them."""
