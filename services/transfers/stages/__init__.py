"""The stages of a Transfer: each repeatable, each a module."""
