{{- define "imagepull.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* Of what: (dict "root" $ "role" "worker"). */ -}}
{{- define "imagepull.selector" -}}
app.kubernetes.io/name: imagepull
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "imagepull.labels" -}}
{{ include "imagepull.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* Where it lies: (dict "image" … "tag" what stands for a tag that is left out). */ -}}
{{- define "imagepull.image" -}}
{{- $at := printf "%s/%s" .image.registry .image.repository | trimPrefix "/" -}}
{{- if .image.digest }}{{ $at }}@{{ .image.digest }}{{ else }}{{ $at }}:{{ default .tag .image.tag }}{{ end -}}
{{- end -}}

{{- /* The roles that this release has, as a list in JSON. */ -}}
{{- define "imagepull.roles" -}}
{{- $roles := list -}}
{{- if .Values.gateway.enabled }}{{ $roles = append $roles "gateway" }}{{ end -}}
{{- $roles = append $roles "worker" -}}
{{- if .Values.remedies.enabled }}{{ $roles = append $roles "executor" }}{{ end -}}
{{- $roles | toJson -}}
{{- end -}}

{{- /* Service accounts that read the cluster. */ -}}
{{- define "imagepull.readers" -}}
{{- ternary (list "worker" "executor") (list "worker") .Values.remedies.enabled | toJson -}}
{{- end -}}

{{- define "imagepull.subjects" -}}
{{- $root := .root -}}
{{- range .roles }}
- kind: ServiceAccount
  name: {{ include "imagepull.fullname" $root }}-{{ . }}
  namespace: {{ $root.Release.Namespace }}
{{- end }}
{{- end -}}

{{- /* Whether gateways listen for Slack's requests, alerts and browsers. */ -}}
{{- define "imagepull.takesHttp" -}}
{{- $mode := dig "slack" "mode" "socket" .Values.config -}}
{{- $sources := dig "alerts" "sources" list .Values.config -}}
{{- $public := dig "http" "publicUrl" "" .Values.config -}}
{{- $asked := or (eq $mode "http") (gt (len $sources) 0) (ne $public "") -}}
{{- if and .Values.gateway.enabled (eq (toString .Values.service.http) "auto" | ternary $asked (eq (toString .Values.service.http) "true")) }}yes{{ end -}}
{{- end -}}
