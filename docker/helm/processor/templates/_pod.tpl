{{- define "khp-processor.pod" -}}
metadata:
  labels:
    {{- include "khp-processor.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or .Values.rollOnConfigChange .Values.podAnnotations }}
  annotations:
    {{- if .Values.rollOnConfigChange }}
    # New configuration, new pods.
    checksum/config: {{ toYaml .Values.config | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
spec:
  serviceAccountName: {{ include "khp-processor.serviceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "khp-processor.grace" . }}
  securityContext:
    runAsNonRoot: true
    {{- range $key := list "runAsUser" "runAsGroup" "fsGroup" }}
    {{- with index ($.Values.securityContext | default dict) $key }}
    {{ $key }}: {{ int64 . }}
    {{- end }}
    {{- end }}
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .Chart.Name }}
      image: {{ include "khp-processor.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [--config, /etc/kafka-http-proxy/config.yaml]
      env:
        # The image may set it too, and the environment goes over the file.
        - name: MANAGEMENT_PORT
          value: {{ .Values.config.management_port | quote }}
        {{- range $name, $value := .Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
        {{- range .Values.secrets }}
        {{- if eq (.as | default "file") "file" }}
        - name: {{ .variable }}_FILE
          value: /run/secrets/kafka-http-proxy/{{ .variable }}
        {{- else }}
        - name: {{ .variable }}
          valueFrom:
            secretKeyRef:
              name: {{ .secretName }}
              key: {{ .key }}
        {{- end }}
        {{- end }}
      ports:
        - name: management
          containerPort: {{ .Values.config.management_port }}
      startupProbe:
        {{- include "khp-processor.probe" (dict "path" "/health" "probe" .Values.probes.startup "tls" .Values.config.tls) | nindent 8 }}
      livenessProbe:
        {{- include "khp-processor.probe" (dict "path" "/health" "probe" .Values.probes.liveness "tls" .Values.config.tls) | nindent 8 }}
      readinessProbe:
        {{- include "khp-processor.probe" (dict "path" "/ready" "probe" .Values.probes.readiness "tls" .Values.config.tls) | nindent 8 }}
      {{- if .Values.preStop.delay }}
      lifecycle:
        preStop:
          {{- include "khp-processor.preStop" . | nindent 10 }}
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: config
          mountPath: /etc/kafka-http-proxy
          readOnly: true
        {{- if include "khp-processor.secretFiles" . }}
        - name: secrets
          mountPath: /run/secrets/kafka-http-proxy
          readOnly: true
        {{- end }}
        {{- range $i, $mount := .Values.secretMounts }}
        - name: secret-{{ $i }}
          mountPath: {{ $mount.mountPath }}
          readOnly: true
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "khp-processor.fullname" . }}
    {{- with include "khp-processor.secretFiles" . }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- . | nindent 10 }}
    {{- end }}
    {{- range $i, $mount := .Values.secretMounts }}
    - name: secret-{{ $i }}
      secret:
        secretName: {{ $mount.secretName }}
        defaultMode: 0440
    {{- end }}
  {{- if .Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range .Values.topologySpread.keys }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "khp-processor.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
{{- end }}

{{- /* The secrets that are mounted, as sources of one projected volume. */ -}}
{{- define "khp-processor.secretFiles" -}}
{{- range .Values.secrets }}
{{- if eq (.as | default "file") "file" }}
- secret:
    name: {{ .secretName }}
    items:
      - key: {{ .key }}
        path: {{ .variable }}
{{- end }}
{{- end }}
{{- end }}
