{{- /*
What a diagnosis reads; src/doctor/rights.ts says why, and tests compare it with every role here. `cluster`: with what a Role cannot give. `watch`:
with what only the watch asks, which is for a whole cluster.
*/ -}}
{{- define "imagepull.rules.reader" -}}
- { apiGroups: [''], resources: [pods], verbs: [get, list] }
- { apiGroups: [''], resources: [events], verbs: [list{{ if .watch }}, watch{{ end }}] }
- { apiGroups: [''], resources: [serviceaccounts, replicationcontrollers], verbs: [get] }
- { apiGroups: [apps], resources: [deployments, statefulsets, daemonsets, replicasets], verbs: [get] }
- { apiGroups: [batch], resources: [jobs], verbs: [get, list] }
- { apiGroups: [batch], resources: [cronjobs], verbs: [get] }
{{- if .cluster }}
- { apiGroups: [''], resources: [nodes], verbs: [get] }
{{- end }}
{{- if .watch }}
- { apiGroups: [''], resources: [namespaces], verbs: [get] }
{{- end }}
{{- end -}}

{{- define "imagepull.rules.secretReader" -}}
- { apiGroups: [''], resources: [secrets], verbs: [get] }
{{- end -}}

{{- /* What an executor reads to ask registries as a node's kubelet would, besides secrets. */ -}}
{{- define "imagepull.rules.prover" -}}
- { apiGroups: [''], resources: [nodes], verbs: [get] }
{{- end -}}

{{- define "imagepull.rules.kubeletReader" -}}
- { apiGroups: [''], resources: [nodes/metrics, nodes/stats, nodes/configz, nodes/log], verbs: [get] }
{{- end -}}

{{- define "imagepull.rules.lease" -}}
{{- $lease := dig "watch" "lease" dict .Values.config -}}
- { apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create] }
- { apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [{{ dig "name" "imagepull-watch" $lease }}], verbs: [get, update] }
{{- end -}}

{{- /* What remedies read and change. */ -}}
{{- define "imagepull.rules.executor" -}}
- { apiGroups: [''], resources: [pods], verbs: [get, list, delete] }
- { apiGroups: [''], resources: [replicationcontrollers], verbs: [get] }
- { apiGroups: [''], resources: [serviceaccounts], verbs: [get, patch] }
- { apiGroups: [''], resources: [events], verbs: [create] }
- { apiGroups: [apps], resources: [deployments, statefulsets, daemonsets], verbs: [get, patch] }
- { apiGroups: [apps], resources: [replicasets], verbs: [get, list] }
- { apiGroups: [apps], resources: [controllerrevisions], verbs: [list] }
- { apiGroups: [batch], resources: [jobs], verbs: [get] }
- { apiGroups: [policy], resources: [poddisruptionbudgets], verbs: [list] }
- { apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [list] }
{{- end -}}

{{- define "imagepull.rules.executorNodes" -}}
- { apiGroups: [''], resources: [nodes], verbs: [get, patch] }
{{- end -}}

{{- /* Clusters keep events about nodes in the namespace `default`. */ -}}
{{- define "imagepull.rules.executorNodeEvents" -}}
- { apiGroups: [''], resources: [events], verbs: [create] }
{{- end -}}

{{- /* Which pods of any namespace a node has to keep images for. */ -}}
{{- define "imagepull.rules.executorNodeTasks" -}}
- { apiGroups: [''], resources: [nodes], verbs: [get] }
- { apiGroups: [''], resources: [pods], verbs: [list] }
{{- end -}}

{{- define "imagepull.rules.approver" -}}
- { apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create] }
{{- if eq (include "imagepull.approver" .) "impersonate" }}
{{- range $resource, $names := .Values.remedies.impersonate }}
{{- if $names }}
- apiGroups: ['']
  resources: [{{ $resource }}]
  resourceNames: {{- toYaml $names | nindent 4 }}
  verbs: [impersonate]
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "imagepull.rules.freeze" -}}
- { apiGroups: [''], resources: [configmaps], resourceNames: [imagepull-freeze], verbs: [get, patch] }
{{- end -}}

{{- /*
A role with its binding: (dict "root" $ "name" "reader" "rules" "…" "roles" (list "worker") "namespaces" (list …)). Without namespaces it
is a ClusterRole. Names outside the release's namespace hold it, for there may be several releases.
*/ -}}
{{- define "imagepull.role" -}}
{{- $root := .root -}}
{{- $fullname := include "imagepull.fullname" $root -}}
{{- $labels := include "imagepull.labels" (dict "root" $root "role" .name) -}}
{{- $rules := .rules -}}
{{- $subjects := include "imagepull.subjects" . -}}
{{- $own := printf "%s-%s" $fullname .name }}
{{- $away := printf "%s-%s" $root.Release.Namespace $own }}
{{- if .namespaces }}
{{- range .namespaces }}
{{- $name := ternary $own $away (eq . $root.Release.Namespace) }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ . }}
  labels: {{- $labels | nindent 4 }}
rules: {{- $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ . }}
  labels: {{- $labels | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }} }
subjects: {{- $subjects | nindent 2 }}
{{- end }}
{{- else }}
{{- $name := $away }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ $name }}
  labels: {{- $labels | nindent 4 }}
rules: {{- $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ $name }}
  labels: {{- $labels | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ $name }} }
subjects: {{- $subjects | nindent 2 }}
{{- end }}
{{- end -}}
