"""Leads of whom a CRM says that they are one person."""
