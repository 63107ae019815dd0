"""The texts of steps: templates of a playbook, filled with what is known of the contact."""
