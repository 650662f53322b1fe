"""honcho with more patience: a Celery worker on the folder broker needs up to ten seconds to end in order."""

from honcho import command, manager

manager.KILL_WAIT = 20

if __name__ == "__main__":
    command.main()
