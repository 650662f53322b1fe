"""What the law asks of people's data, over all apps: export, erase, forget by age, change keys."""
