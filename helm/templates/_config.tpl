{{- /* Helm reads an unquoted off as false. */ -}}
{{- define "imagepull.word" -}}
{{- if kindIs "bool" . }}off{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "imagepull.approver" -}}
{{- include "imagepull.word" .Values.remedies.approver -}}
{{- end -}}

{{- define "imagepull.kubelet" -}}
{{- $chosen := include "imagepull.word" .Values.cluster.kubelet -}}
{{- default (ternary "off" "direct" (eq .Values.scope "namespaces")) $chosen -}}
{{- end -}}

{{- /* The configuration of one role: (dict "root" $ "role" "worker"). A worker is told of no remedy, an executor neither watches nor asks kubelets. */ -}}
{{- define "imagepull.config" -}}
{{- $v := .root.Values -}}
{{- $own := dict "name" $v.cluster.name "kubelet" (include "imagepull.kubelet" .root) "secrets" $v.cluster.secrets.read -}}
{{- if $v.cluster.prometheus }}{{ $_ := set $own "prometheus" $v.cluster.prometheus }}{{ end -}}
{{- if $v.cluster.kubeletAnyCertificate }}{{ $_ := set $own "kubeletAnyCertificate" true }}{{ end -}}
{{- if eq $v.scope "namespaces" }}{{ $_ := set $own "namespaces" (dict "allow" $v.namespaces) }}{{ end -}}
{{- $own = mergeOverwrite $own (deepCopy $v.cluster.settings) -}}
{{- if eq .role "executor" }}{{ $own = mergeOverwrite $own (dict "kubelet" "off") }}{{ end -}}
{{- if $v.nodeTasks.enabled -}}
{{- $tasks := dict "image" (include "imagepull.image" (dict "image" $v.image "tag" "")) "mode" $v.nodeTasks.mode "namespace" $v.nodeTasks.namespace -}}
{{- $tasks = merge $tasks (dict "nodes" $v.nodeTasks.nodes "controlPlane" $v.nodeTasks.controlPlane) -}}
{{- $tasks = merge $tasks (dict "keep" $v.nodeTasks.keep "minimumAgeMs" (int64 $v.nodeTasks.minimumAgeMs)) -}}
{{- if $v.nodeTasks.seLinuxType }}{{ $_ := set $tasks "seLinuxType" $v.nodeTasks.seLinuxType }}{{ end -}}
{{- $_ := set $own "nodeTasks" $tasks -}}
{{- end -}}
{{- $others := list -}}
{{- range $v.otherClusters -}}
{{- $others = append $others (ne $.role "gateway" | ternary (omit . "executor") .) -}}
{{- end -}}
{{- $config := deepCopy $v.config -}}
{{- if and $v.remedies.enabled (ne .role "worker") -}}
{{- $executor := dict "namespace" .root.Release.Namespace "approver" (include "imagepull.approver" .root) "nodes" $v.remedies.nodes -}}
{{- with default $v.namespaces $v.remedies.namespaces }}{{ $_ := set $executor "namespaces" . }}{{ end -}}
{{- $_ := set $own "executor" $executor -}}
{{- $gatewayKeys := list }}{{ range $at, $_ := $v.remedies.keys.gatewayPublic }}{{ $gatewayKeys = append $gatewayKeys (printf "/etc/imagepull/remedies/gateway-%d.pub.pem" $at) }}{{ end -}}
{{- $executorKeys := list }}{{ range $at, $_ := $v.remedies.keys.executorPublic }}{{ $executorKeys = append $executorKeys (printf "/etc/imagepull/remedies/executor-%d.pub.pem" $at) }}{{ end -}}
{{- $remedies := dict "policy" "/etc/imagepull/remedies/approvals.yaml" "signingKey" "/etc/imagepull/key/key.pem" "gatewayKeys" $gatewayKeys "executorKeys" $executorKeys -}}
{{- $_ := set $config "remedies" (mergeOverwrite $remedies (deepCopy $v.remedies.settings)) -}}
{{- end -}}
{{- $_ := set $config "clusters" (prepend $others $own) -}}
{{- $watch := deepCopy (dig "watch" dict $v.config) -}}
{{- if or (eq $v.scope "namespaces") (eq .role "executor") }}{{ $_ := set $watch "enabled" false }}{{ end -}}
{{- if or $v.readOnly (kindIs "bool" (get $watch "lease")) }}{{ $_ := set $watch "lease" "off" }}{{ end -}}
{{- if $watch }}{{ $_ := set $config "watch" $watch }}{{ end -}}
{{- $config | toYaml -}}
{{- end -}}

{{- /* REDIS_URL of a role: (dict "root" $ "role" "worker"). */ -}}
{{- define "imagepull.redisEnv" -}}
{{- $v := .root.Values -}}
{{- $own := get $v.redis.perRole .role -}}
{{- if or $own $v.redis.external.enabled }}
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ default $v.redis.external.existingSecret $own }}, key: {{ $v.redis.external.key }} } }
{{- else }}
- name: VALKEY_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ $v.valkey.existingSecret }}, key: {{ $v.valkey.key }} } }
- name: REDIS_URL
  value: redis://:$(VALKEY_PASSWORD)@{{ include "imagepull.fullname" .root }}-valkey:6379
{{- end }}
{{- end -}}
