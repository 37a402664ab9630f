"""Pictures: looked at before they are accepted, made to fit before they leave."""
