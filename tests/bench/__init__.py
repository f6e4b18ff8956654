"""What `make bench` runs: the tracker beside a plain DRF viewset, Datasette and the bare SQL, on the same records."""
