"""The networks of a study trained, by Optuna: what is proposed is feasible, and every worker shares one storage."""
