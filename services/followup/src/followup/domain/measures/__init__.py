"""What is measured of playbooks, steps, experiments and conditions."""
