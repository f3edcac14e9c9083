// Fills in templates as Grafana does: Go's own text/template, with the functions that ours use.
//
// Standard input is a list of {"text", "call", "data"} in JSON, standard output the list of what came of them. `call`
// names the template to run; empty: the text itself, with the variables that Grafana puts before an annotation.
// Functions as in Prometheus (annotations) and Alertmanager (messages): a pattern that is none is a fault.
package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"text/template"
)

type task struct {
	Text string
	Call string
	Data json.RawMessage
}

// What an annotation is given (https://grafana.com/docs/grafana/latest/alerting/alerting-rules/templates/reference/).
type alert struct {
	Labels map[string]string
	Values map[string]struct{ Value float64 }
}

type notified struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
	PanelURL    string
	SilenceURL  string
}

type alerts []notified

func (all alerts) Firing() alerts {
	var found alerts
	for _, one := range all {
		if one.Status == "firing" {
			found = append(found, one)
		}
	}
	return found
}

// What a message is given (…/configure-notifications/template-notifications/reference/).
type message struct {
	Alerts            alerts
	GroupLabels       map[string]string
	CommonAnnotations map[string]string
	ExternalURL       string
}

var functions = template.FuncMap{
	"reReplaceAll": func(pattern, replacement, text string) string {
		return regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	},
}

const before = "{{- $labels := .Labels -}}{{- $values := .Values -}}"

func main() {
	var tasks []task
	check(json.NewDecoder(os.Stdin).Decode(&tasks))
	told := []string{}
	for _, one := range tasks {
		told = append(told, fill(one))
	}
	check(json.NewEncoder(os.Stdout).Encode(told))
}

func fill(one task) string {
	var out strings.Builder
	if one.Call == "" {
		var data alert
		check(json.Unmarshal(one.Data, &data))
		made, err := template.New("annotation").Funcs(functions).Option("missingkey=invalid").Parse(before + one.Text)
		check(err)
		check(made.Execute(&out, data))
		return strings.ReplaceAll(out.String(), "<no value>", "[no value]")
	}
	var data message
	check(json.Unmarshal(one.Data, &data))
	made, err := template.New("messages").Funcs(functions).Option("missingkey=zero").Parse(one.Text)
	check(err)
	check(made.ExecuteTemplate(&out, one.Call, data))
	return out.String()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
