"""The boards that Grafana is given, read and answered as Grafana documents it; who draws them is another matter.

`document` says what they contain, `questions` what they ask, `frames` what comes back, `answers` who asks it when.
"""
