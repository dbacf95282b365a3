"""Deciding when: the only owner of ticks, each of which is kept before its run begins, so that none runs twice."""
