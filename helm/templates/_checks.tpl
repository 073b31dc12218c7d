{{- /* What the schema cannot say. Each sentence names the setting and what to do. */ -}}
{{- define "imagepull.checks" -}}
{{- $v := .Values -}}
{{- if and (eq $v.scope "namespaces") (empty $v.namespaces) }}{{ fail "scope is namespaces, and namespaces is empty: list those that are to be diagnosed." }}{{ end -}}
{{- if and (eq $v.scope "cluster") $v.namespaces }}{{ fail "namespaces counts with scope namespaces alone. Set scope, or for what people may ask about cluster.settings.namespaces.allow." }}{{ end -}}
{{- if and (eq $v.scope "namespaces") (eq (include "imagepull.word" $v.cluster.kubelet) "direct") }}{{ fail "cluster.kubelet is direct, which needs a ClusterRole, and scope is namespaces: leave it out." }}{{ end -}}
{{- if and (eq (include "imagepull.word" $v.cluster.kubelet) "prometheus") (empty $v.cluster.prometheus) }}{{ fail "cluster.kubelet is prometheus, and cluster.prometheus is not set: give its address." }}{{ end -}}
{{- range list "clusters" "remedies" }}
{{- if hasKey $v.config . }}{{ fail (printf "config.%s is made by the chart: set %s instead." . (ternary "cluster and otherClusters" "remedies" (eq . "clusters"))) }}{{ end -}}
{{- end -}}
{{- range $v.otherClusters }}
{{- if eq .name $v.cluster.name }}{{ fail (printf "otherClusters has %s, which is this cluster's own name." .name) }}{{ end -}}
{{- if and (hasKey . "executor") (not $v.remedies.enabled) }}{{ fail (printf "otherClusters has an executor for %s, and remedies.enabled is false: gateways need the policy and the keys." .name) }}{{ end -}}
{{- end -}}
{{- if $v.remedies.enabled -}}
{{- if $v.readOnly }}{{ fail "remedies.enabled and readOnly are both true: a read-only bot changes nothing." }}{{ end -}}
{{- if empty $v.remedies.policy }}{{ fail "remedies.enabled is true, and remedies.policy is empty: it says who may approve what (docs/approvals.md)." }}{{ end -}}
{{- if empty $v.remedies.keys.gatewayPublic }}{{ fail "remedies.keys.gatewayPublic is empty: give the public keys of the gateways (docs/audit.md, Keys)." }}{{ end -}}
{{- if empty $v.remedies.keys.executorPublic }}{{ fail "remedies.keys.executorPublic is empty: give the public keys of the executors (docs/audit.md, Keys)." }}{{ end -}}
{{- if and $v.remedies.nodes (eq $v.scope "namespaces") }}{{ fail "remedies.nodes needs a ClusterRole, and scope is namespaces." }}{{ end -}}
{{- if and (ne (include "imagepull.approver" .) "off") (eq $v.scope "namespaces") }}{{ fail "remedies.approver needs a ClusterRole, and scope is namespaces: set it to off." }}{{ end -}}
{{- if and (eq (include "imagepull.approver" .) "impersonate") (empty $v.remedies.impersonate.users) }}{{ fail "remedies.approver is impersonate, and remedies.impersonate.users is empty: list the users of the cluster in whose name something may be done." }}{{ end -}}
{{- range $v.remedies.namespaces }}
{{- if and (eq $v.scope "namespaces") (not (has . $v.namespaces)) }}{{ fail (printf "remedies.namespaces has %s, and namespaces does not." .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if $v.nodeTasks.enabled -}}
{{- if not $v.remedies.enabled }}{{ fail "nodeTasks.enabled is true, and remedies.enabled is false: the executor carries them out." }}{{ end -}}
{{- if eq $v.scope "namespaces" }}{{ fail "nodeTasks needs a namespace and an admission policy of its own, and scope is namespaces." }}{{ end -}}
{{- if empty $v.image.digest }}{{ fail "nodeTasks.enabled is true, and image.digest is not set: only the program's very image is admitted on nodes." }}{{ end -}}
{{- if eq $v.nodeTasks.namespace .Release.Namespace }}{{ fail "nodeTasks.namespace is the release's own: everything else would be refused there." }}{{ end -}}
{{- if semverCompare "<1.30-0" .Capabilities.KubeVersion.Version }}{{ fail "nodeTasks needs Kubernetes 1.30, for its admission policy." }}{{ end -}}
{{- end -}}
{{- if and $v.readOnly (gt (int $v.worker.replicas) 1) }}{{ fail "readOnly is true, so workers have no Lease and would all watch: set worker.replicas to 1." }}{{ end -}}
{{- range $v.cluster.secrets.namespaces }}
{{- if and (eq $v.scope "namespaces") (not (has . $v.namespaces)) }}{{ fail (printf "cluster.secrets.namespaces has %s, and namespaces does not." .) }}{{ end -}}
{{- end -}}
{{- end -}}
