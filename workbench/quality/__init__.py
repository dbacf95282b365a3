"""Whether it is good: the checks on a dataset become the cheapest plan that proves them."""
