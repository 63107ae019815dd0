"""budget-calendar's predictions of council sessions, back-tested on councils held out."""
