"""Speed against peers: a plant to measure on, the peers, the floor, and the table of ``tocfin bench``."""
