//! Takes YAML, environment and flags, hands on the typed settings with their origin; never starts anything.
