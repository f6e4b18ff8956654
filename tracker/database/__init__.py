"""PostgreSQL as Django's database."""
