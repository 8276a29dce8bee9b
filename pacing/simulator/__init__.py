"""A seeded floor to try pacing on."""
