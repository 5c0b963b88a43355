"""Who somebody is who knocks at a door of ours, and what they may do there."""
