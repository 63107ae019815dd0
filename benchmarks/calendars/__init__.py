"""budget-calendar: following every municipality, beside workflows that do nothing."""
