"""Message templates in Go's language: what people read of an alert, Vietnamese first, English beside it.

Grafana fills in nothing else here, so they hold no `$`. Places are named by the city's table: labels hold codes. The
alerts of a message are of one rule, so its runbook is told once; the annotation is a path, for nobody but Grafana knows
where it is. Rules link to the Vietnamese board; the English half names its twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.language import Language
from city.rules.places import of_dot
from dashboards.places import names

if TYPE_CHECKING:
    from city.geography import City

SUBJECT: Final = "cityops.subject"
MESSAGE: Final = "cityops.message"

_SUBJECT: Final = """{{ define "cityops.subject" -}}
{{ if .Alerts.Firing }}✖ {{ len .Alerts.Firing }} cảnh báo / firing{{ else }}✔ Đã hết / resolved{{ end -}}
: {{ .GroupLabels.alertname }}{{ if .GroupLabels.zone }} · {{ template "cityops.zone.vi" .GroupLabels.zone }}{{ end }}
{{- end }}
"""

_MESSAGE: Final = """{{ define "cityops.message" -}}
{{ template "cityops.message.vi" . }}
————
{{ template "cityops.message.en" . }}
{{- end }}
"""

_IN_ONE: Final = """{{ define "cityops.message.%(language)s" -}}
{{ range .Alerts -}}
{{ if eq .Status "firing" }}✖ %(firing)s{{ else }}✔ %(resolved)s{{ end }} [{{ .Labels.severity }}]
{{- if .Labels.area }} {{ template "cityops.area.%(language)s" .Labels.area }}{{ end }}
{{- if .Labels.zone }}{{ if ne .Labels.zone "city" }}{{ if .Labels.area }},{{ end }}
{{- " " }}{{ template "cityops.zone.%(language)s" .Labels.zone }}{{ end }}{{ end }}
{{ if eq .Labels.alertname "DatasourceNoData" }}%(no_data)s: {{ .Labels.rulename }}
{{- else if eq .Labels.alertname "DatasourceError" }}%(error)s: {{ .Labels.rulename }}
{{- else }}{{ .Annotations.%(summary)s }}{{ end }}
{{ .Annotations.%(description)s }}
%(panel)s: {{ %(link)s .PanelURL }}
%(silence)s: {{ .SilenceURL }}

{{ end }}
{{- if .CommonAnnotations.runbook_url -}}
%(runbook)s: {{ reReplaceAll "/+\\\\z" "" .ExternalURL }}{{ %(link)s .CommonAnnotations.runbook_url }}
{{ end }}
{{- end }}
"""

_WORDS: Final = (
    {
        "language": "vi",
        "firing": "ĐANG BÁO",
        "resolved": "ĐÃ HẾT",
        "no_data": "Không có dữ liệu để đánh giá",
        "error": "Không đọc được dữ liệu để đánh giá",
        "summary": "summary",
        "description": "description",
        "panel": "Biểu đồ",
        "runbook": "Cách xử lý",
        "silence": "Tắt tạm",
        "link": "print",
    },
    {
        "language": "en",
        "firing": "FIRING",
        "resolved": "RESOLVED",
        "no_data": "No data to judge by",
        "error": "The data could not be read",
        "summary": "summary_en",
        "description": "description_en",
        "panel": "Panel",
        "runbook": "What to do",
        "silence": "Silence",
        "link": f'reReplaceAll "-{Language.VI}[?]" "-{Language.EN}?"',
    },
)


def templates(city: City) -> str:
    """All of them, and the names of the places they speak of."""
    messages = [_IN_ONE % words for words in _WORDS]
    places = [
        f'{{{{ define "cityops.{tag}.{language}" }}}}{of_dot(names(tag, city, language))}{{{{ end }}}}\n'
        for language in Language
        for tag in ("area", "zone")
    ]
    return "".join([_SUBJECT, _MESSAGE, *messages, *places])
