"""From an exact worst-case problem to exact bounds on its optimum."""
