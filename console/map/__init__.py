"""The city as cells: each area's part of the ground, in the plane of the picture."""
