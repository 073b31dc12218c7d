{{- define "imagepull.podSecurity" -}}
runAsNonRoot: true
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "imagepull.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* What every process of imagepull is told by its environment: (dict "root" $ "role" "worker"). */ -}}
{{- define "imagepull.commonEnv" -}}
{{- $v := .root.Values -}}
{{- with $v.proxy.https }}
- { name: HTTPS_PROXY, value: {{ . | quote }} }
{{- end }}
{{- with $v.proxy.http }}
- { name: HTTP_PROXY, value: {{ . | quote }} }
{{- end }}
{{- with $v.proxy.noProxy }}
- { name: NO_PROXY, value: {{ . | quote }} }
{{- end }}
{{- if $v.trustedCertificates.configMap }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/imagepull/certificates/ca.crt }
{{- end }}
{{- with $v.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Where pods may run: (dict "values" .Values.worker). */ -}}
{{- define "imagepull.scheduling" -}}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The Deployment of one role: (dict "root" $ "role" "worker"). */ -}}
{{- define "imagepull.deployment" -}}
{{- $v := .root.Values -}}
{{- $own := get $v .role -}}
{{- $name := printf "%s-%s" (include "imagepull.fullname" .root) .role -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "imagepull.labels" . | nindent 4 }}
spec:
  replicas: {{ $own.replicas }}
  selector:
    matchLabels: {{- include "imagepull.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "imagepull.labels" . | nindent 8 }}
        imagepull.dev/process: 'true'
        {{- with $own.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        imagepull.dev/configuration: {{ include "imagepull.config" . | sha256sum }}
        {{- if include "imagepull.signs" . }}
        imagepull.dev/policy: {{ toYaml $v.remedies | sha256sum }}
        {{- end }}
        {{- with $own.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: {{ ne .role "gateway" }}
      terminationGracePeriodSeconds: 30
      securityContext: {{- include "imagepull.podSecurity" . | nindent 8 }}
      {{- with $v.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- include "imagepull.scheduling" (dict "values" $own) | nindent 6 }}
      {{- if $v.topologySpread.enabled }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: {{ $v.topologySpread.topologyKey }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "imagepull.selector" . | nindent 14 }}
      {{- end }}
      containers:
        - name: {{ .role }}
          image: {{ include "imagepull.image" (dict "image" $v.image "tag" .root.Chart.AppVersion) }}
          imagePullPolicy: {{ $v.image.pullPolicy }}
          args: [serve, --config, /etc/imagepull/config/config.yaml, --roles, {{ .role }}, --clusters, {{ $v.cluster.name | quote }}]
          env:
            {{- include "imagepull.env" . | nindent 12 }}
          ports:
            - { name: private, containerPort: 9464 }
            {{- if and (eq .role "gateway") (include "imagepull.takesHttp" .root) }}
            - { name: http, containerPort: 3000 }
            {{- end }}
          # Without Redis it ends by itself and is started anew.
          startupProbe: { httpGet: { path: /healthz, port: private }, periodSeconds: 2, failureThreshold: 60 }
          livenessProbe: { httpGet: { path: /healthz, port: private }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
          readinessProbe: { httpGet: { path: /readyz, port: private }, periodSeconds: 5, timeoutSeconds: 5 }
          resources: {{- toYaml $own.resources | nindent 12 }}
          securityContext: {{- include "imagepull.containerSecurity" . | nindent 12 }}
          volumeMounts: {{- include "imagepull.volumeMounts" . | nindent 12 }}
      volumes: {{- include "imagepull.volumes" . | nindent 8 }}
{{- end -}}

{{- /* The environment of a process of one role: (dict "root" $ "role" "worker"). */ -}}
{{- define "imagepull.env" -}}
{{- $v := .root.Values -}}
{{- include "imagepull.redisEnv" . }}
{{- if eq .role "gateway" }}
- name: SLACK_BOT_TOKEN
  valueFrom: { secretKeyRef: { name: {{ $v.slack.existingSecret }}, key: {{ $v.slack.keys.botToken }} } }
{{- if eq (dig "slack" "mode" "socket" $v.config) "http" }}
- name: SLACK_SIGNING_SECRET
  valueFrom: { secretKeyRef: { name: {{ $v.slack.existingSecret }}, key: {{ $v.slack.keys.signingSecret }} } }
{{- else }}
- name: SLACK_APP_TOKEN
  valueFrom: { secretKeyRef: { name: {{ $v.slack.existingSecret }}, key: {{ $v.slack.keys.appToken }} } }
{{- end }}
{{- end }}
{{- include "imagepull.commonEnv" . }}
{{- with (get $v .role).extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "imagepull.volumeMounts" -}}
- { name: config, mountPath: /etc/imagepull/config, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if include "imagepull.signs" . }}
- { name: remedies, mountPath: /etc/imagepull/remedies, readOnly: true }
- { name: key, mountPath: /etc/imagepull/key, readOnly: true }
{{- end }}
{{- if .root.Values.trustedCertificates.configMap }}
- { name: certificates, mountPath: /etc/imagepull/certificates, readOnly: true }
{{- end }}
{{- end -}}

{{- define "imagepull.volumes" -}}
{{- $v := .root.Values -}}
- name: config
  configMap: { name: {{ include "imagepull.fullname" .root }}-{{ .role }} }
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- if include "imagepull.signs" . }}
{{- $key := get $v.remedies.keys .role }}
- name: remedies
  configMap: { name: {{ include "imagepull.fullname" .root }}-remedies }
- name: key
  secret: { secretName: {{ $key.existingSecret }}, items: [{ key: {{ $key.key }}, path: key.pem }] }
{{- end }}
{{- with $v.trustedCertificates }}
{{- if .configMap }}
- name: certificates
  configMap: { name: {{ .configMap }}, items: [{ key: {{ .key }}, path: ca.crt }] }
{{- end }}
{{- end }}
{{- end -}}

{{- /* Whether a role signs what people decide and what is done. */ -}}
{{- define "imagepull.signs" -}}
{{- if and .root.Values.remedies.enabled (ne .role "worker") }}yes{{ end -}}
{{- end -}}
