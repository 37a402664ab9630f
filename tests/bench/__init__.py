"""`./troupe bench`: what the product promises about speed and size, measured beside a bare peer in the same run."""
