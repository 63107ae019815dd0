"""A seeded generator of lead events. Everything it says about people is made up.

The municipalities are real (so that their codes, sizes and names are), the people, their mail
addresses, what they do and all amounts are not: any likeness is chance.
"""
