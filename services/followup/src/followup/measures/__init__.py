"""What is measured of playbooks: rates, experiments, the precision of conditions."""
