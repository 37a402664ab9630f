"""From a value to its card: one module for each kind of subject. All the product's wording about it is there."""
