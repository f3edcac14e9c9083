"""Writes the sample files of every pack: `.venv/bin/python -m tests.samples`."""

from tests.samples.making import every, files, folder

for samples in every():
    folder(samples.domain).mkdir(exist_ok=True)
    for name, content in files(samples).items():
        (folder(samples.domain) / name).write_bytes(content)
