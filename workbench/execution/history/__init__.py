"""What earlier runs tell: laid out over time, set against each other, followed while they go on."""
