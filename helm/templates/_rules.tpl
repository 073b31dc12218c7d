{{- /* What a diagnosis reads; the same as in docs/security.md, which a test compares. `cluster`: what Roles cannot give as well. */ -}}
{{- define "imagepull.rules.reader" -}}
- { apiGroups: [''], resources: [pods, events], verbs: [get, list, watch] }
- { apiGroups: [''], resources: [serviceaccounts, replicationcontrollers], verbs: [get] }
- { apiGroups: [apps], resources: [deployments, statefulsets, daemonsets, replicasets], verbs: [get] }
- { apiGroups: [batch], resources: [jobs], verbs: [get, list] }
- { apiGroups: [batch], resources: [cronjobs], verbs: [get] }
{{- if .cluster }}
- { apiGroups: [''], resources: [namespaces, nodes], verbs: [get] }
{{- end }}
{{- end -}}

{{- define "imagepull.rules.secretReader" -}}
- { apiGroups: [''], resources: [secrets], verbs: [get] }
{{- end -}}

{{- define "imagepull.rules.kubeletReader" -}}
- { apiGroups: [''], resources: [nodes/metrics, nodes/stats, nodes/configz, nodes/log], verbs: [get] }
{{- end -}}

{{- define "imagepull.rules.lease" -}}
{{- $lease := dig "watch" "lease" dict .Values.config -}}
- { apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create] }
- { apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [{{ dig "name" "imagepull-watch" $lease }}], verbs: [get, update] }
{{- end -}}

{{- /* What remedies read and change, as in docs/security.md. */ -}}
{{- define "imagepull.rules.executor" -}}
- { apiGroups: [''], resources: [pods], verbs: [get, list, delete] }
- { apiGroups: [''], resources: [replicationcontrollers], verbs: [get] }
- { apiGroups: [''], resources: [serviceaccounts], verbs: [get, patch] }
- { apiGroups: [''], resources: [events], verbs: [create] }
- { apiGroups: [apps], resources: [deployments, statefulsets, daemonsets], verbs: [get, patch] }
- { apiGroups: [apps], resources: [replicasets, controllerrevisions], verbs: [get, list] }
- { apiGroups: [batch], resources: [jobs], verbs: [get] }
- { apiGroups: [policy], resources: [poddisruptionbudgets], verbs: [list] }
- { apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [list] }
{{- end -}}

{{- define "imagepull.rules.executorNodes" -}}
- { apiGroups: [''], resources: [nodes], verbs: [get, patch] }
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
is a ClusterRole. Names of a ClusterRole hold the release's namespace, for there may be several releases.
*/ -}}
{{- define "imagepull.role" -}}
{{- $root := .root -}}
{{- $fullname := include "imagepull.fullname" $root -}}
{{- $labels := include "imagepull.labels" (dict "root" $root "role" .name) -}}
{{- $rules := .rules -}}
{{- $subjects := include "imagepull.subjects" . -}}
{{- if .namespaces }}
{{- $name := printf "%s-%s" $fullname .name }}
{{- range .namespaces }}
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
{{- $name := printf "%s-%s-%s" $root.Release.Namespace $fullname .name }}
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
