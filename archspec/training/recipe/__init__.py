"""Recipes: the pages that say how a network is trained."""
