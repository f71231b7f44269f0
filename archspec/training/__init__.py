"""From a spec to a trained model: recipes, data, and the runs that they come to."""
