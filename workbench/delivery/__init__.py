"""Delivery is how work reaches people: environments, promotion, sprints, measures."""
