"""budget-calendar: every municipality's budget year, and pursuits that run through it."""
