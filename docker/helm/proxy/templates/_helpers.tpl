{{- define "khp.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- /* At most 52 characters: a pod's name gets an ordinal or two hashes behind it. */ -}}
{{- define "khp.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "khp.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "khp.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "khp.selector" -}}
app.kubernetes.io/name: {{ include "khp.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "khp.labels" -}}
{{ include "khp.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ .Chart.Name }}
app.kubernetes.io/part-of: kafka-http-proxy
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "khp.metadata" -}}
name: {{ include "khp.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "khp.labels" . | nindent 2 }}
{{- end }}

{{- define "khp.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "khp.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "khp.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- /* The delay before SIGTERM, the stop itself, and a margin so that it is never cut off. */ -}}
{{- define "khp.grace" -}}
{{- add (int .Values.preStop.delay) (ceil .Values.config.shutdown_grace) 5 -}}
{{- end }}

{{- /* The images have no shell to count on; Kubernetes sleeps itself from 1.30 on. */ -}}
{{- define "khp.preStop" -}}
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

{{- define "khp.probe" -}}
httpGet:
  path: {{ .path }}
  port: management
periodSeconds: {{ .probe.periodSeconds }}
timeoutSeconds: {{ .probe.timeoutSeconds }}
failureThreshold: {{ .probe.failureThreshold }}
{{- end }}
