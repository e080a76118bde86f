{{- /* Names of templates are global: under one umbrella chart the other chart's would take the place of these. */ -}}
{{- define "khp-processor.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- /* At most 52 characters: a pod's name gets an ordinal or two hashes behind it. */ -}}
{{- define "khp-processor.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "khp-processor.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "khp-processor.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "khp-processor.selector" -}}
app.kubernetes.io/name: {{ include "khp-processor.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "khp-processor.labels" -}}
{{ include "khp-processor.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ .Chart.Name }}
app.kubernetes.io/part-of: kafka-http-proxy
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "khp-processor.metadata" -}}
name: {{ include "khp-processor.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "khp-processor.labels" . | nindent 2 }}
{{- end }}

{{- define "khp-processor.image" -}}
{{- $repository := required "image.repository is not set: name the registry and repository that your nodes pull the image from, for example registry.example.com/kafka-http-proxy/processor" .Values.image.repository -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ $repository }}@{{ .digest }}
{{- else -}}
{{ $repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "khp-processor.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "khp-processor.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- /* The delay before SIGTERM, the stop itself, and a margin so that it is never cut off. */ -}}
{{- define "khp-processor.grace" -}}
{{- add (int .Values.preStop.delay) (ceil .Values.config.shutdown_grace) 5 -}}
{{- end }}

{{- /* The images have no shell to count on; Kubernetes sleeps itself from 1.30 on. */ -}}
{{- define "khp-processor.preStop" -}}
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

{{- define "khp-processor.probe" -}}
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

{{- /*
Lag is all that was not answered yet. So that much of it as a pod runs at once is no queue, and a threshold
below would add pods for it.
*/ -}}
{{- define "khp-processor.lagThreshold" -}}
{{- $running := int (.Values.env.MAX_CONCURRENT_REQUESTS | default .Values.config.max_concurrent_requests | default 100) -}}
{{- $lag := int (.Values.keda.lagThreshold | default (div (add1 (mul 3 $running)) 2)) -}}
{{- if lt $lag $running -}}
{{- fail (printf "keda.lagThreshold %d is below max_concurrent_requests %d: what runs counts as lag, so pods would be added for a queue that is empty; leave it null or set more" $lag $running) -}}
{{- end -}}
{{- $lag -}}
{{- end }}

{{- /* All pods have the same configuration, so the same name: Kafka would let one of them work. */ -}}
{{- define "khp-processor.oneName" -}}
{{- $fixed := or (index (.Values.config.kafka.properties | default dict) "group.instance.id") .Values.env.KAFKA_PROPERTY_GROUP_INSTANCE_ID -}}
{{- $many := or .Values.autoscaling.enabled .Values.keda.enabled (gt (int .Values.replicas) 1) -}}
{{- if and $fixed $many -}}
{{- fail (printf "group.instance.id %q would be that of every pod, and Kafka lets one member of a name work: leave it out" (toString $fixed)) -}}
{{- end -}}
{{- end }}

{{- /* Of the processors' consumers; librdkafka has several words for each of the two. */ -}}
{{- define "khp-processor.offsetReset" -}}
{{- $theirs := index (.Values.config.kafka.properties | default dict) "auto.offset.reset" | default "earliest" -}}
{{- .Values.keda.offsetResetPolicy | default (ternary "latest" "earliest" (has $theirs (list "latest" "largest" "end"))) -}}
{{- end }}
