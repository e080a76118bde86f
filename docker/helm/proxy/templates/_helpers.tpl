{{- /* Names of templates are global: under one umbrella chart the other chart's would take the place of these. */ -}}
{{- define "khp-proxy.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- /* The release's own name, where it names this chart; not where it names the processor's, which would take it too. */ -}}
{{- /* At most 52 characters: a pod's name gets an ordinal or two hashes behind it. */ -}}
{{- define "khp-proxy.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if and (contains (include "khp-proxy.name" .) .Release.Name) (not (contains "processor" .Release.Name)) -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "khp-proxy.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "khp-proxy.selector" -}}
app.kubernetes.io/name: {{ include "khp-proxy.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "khp-proxy.labels" -}}
{{ include "khp-proxy.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ .Chart.Name }}
app.kubernetes.io/part-of: kafka-http-proxy
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "khp-proxy.metadata" -}}
name: {{ include "khp-proxy.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "khp-proxy.labels" . | nindent 2 }}
{{- end }}

{{- define "khp-proxy.image" -}}
{{- $repository := required "image.repository is not set: name the registry and repository that your nodes pull the image from, for example registry.example.com/kafka-http-proxy/proxy" .Values.image.repository -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ $repository }}@{{ .digest }}
{{- else -}}
{{ $repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "khp-proxy.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "khp-proxy.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- /* The delay before SIGTERM, the stop itself, and a margin so that it is never cut off. */ -}}
{{- define "khp-proxy.grace" -}}
{{- add (int .Values.preStop.delay) (ceil .Values.config.shutdown_grace) 5 -}}
{{- end }}

{{- /* The images have no shell to count on; Kubernetes sleeps itself from 1.30 on. */ -}}
{{- define "khp-proxy.preStop" -}}
{{- $method := .Values.preStop.method -}}
{{- if eq $method "auto" -}}
{{- $method = ternary "sleep" "exec" (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- if eq $method "sleep" -}}
sleep:
  seconds: {{ int .Values.preStop.delay }}
{{- else -}}
exec:
  command: [node, -e, "setTimeout(() => {}, {{ int .Values.preStop.delay }}000)"]
{{- end -}}
{{- end }}

{{- define "khp-proxy.probe" -}}
httpGet:
  path: {{ .path }}
  port: management
  {{- if .tls }}
  scheme: HTTPS
  {{- end }}
periodSeconds: {{ .probe.periodSeconds }}
timeoutSeconds: {{ .probe.timeoutSeconds }}
failureThreshold: {{ .probe.failureThreshold }}
{{- end }}
