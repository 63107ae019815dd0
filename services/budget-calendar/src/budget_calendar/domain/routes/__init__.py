"""Every way through the budget year to money and a contract."""
