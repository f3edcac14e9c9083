"""`python -m stream_app`: one worker, configured by settings alone."""

from stream_app.worker import main

if __name__ == "__main__":
    main()
