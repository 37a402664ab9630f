"""One folder knows SQLAlchemy: tables, migrations, and repositories that speak in our values."""
