{{- define "ccl.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ccl.selector" -}}
app.kubernetes.io/name: chaincode-launcher
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "ccl.labels" -}}
{{ include "ccl.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "ccl.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "ccl.operator.serviceAccount" -}}
{{- default (printf "%s-operator" (include "ccl.fullname" .)) .Values.operator.serviceAccount.name -}}
{{- end -}}

{{- define "ccl.endorser.serviceAccount" -}}
{{- default (printf "%s-endorser" (include "ccl.fullname" .)) .Values.endorser.serviceAccount.name -}}
{{- end -}}

{{- define "ccl.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "ccl.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "ccl.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where a Pod goes: nodeSelector, tolerations, affinity, priority. */}}
{{- define "ccl.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* An MSP folder out of a Secret with flat keys. */}}
{{- define "ccl.msp" -}}
{{- $secret := . -}}
projected:
  defaultMode: 0440
  sources:
    - secret:
        name: {{ $secret }}
        items:
          - { key: cert.pem, path: signcerts/cert.pem }
          - { key: key.pem, path: keystore/key.pem }
          - { key: cacert.pem, path: cacerts/cacert.pem }
{{- range $key, $path := dict "config.yaml" "config.yaml" "tlscacert.pem" "tlscacerts/tlscacert.pem" "intermediatecert.pem" "intermediatecerts/intermediatecert.pem" "tlsintermediatecert.pem" "tlsintermediatecerts/tlsintermediatecert.pem" "admincert.pem" "admincerts/admincert.pem" }}
    - secret:
        name: {{ $secret }}
        optional: true
        items:
          - { key: {{ $key }}, path: {{ $path }} }
{{- end }}
{{- end -}}

{{/* The claim of a StatefulSet's volume. */}}
{{- define "ccl.claim" -}}
metadata:
  name: data
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  accessModes: {{ toYaml .accessModes | nindent 4 }}
  {{- with .storageClassName }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ .size }}
{{- end -}}

{{/* Readable refusals of values that fit the schema but not each other. */}}
{{- define "ccl.check" -}}
{{- with .Values.endorser -}}
{{- if .enabled -}}
{{- if and .trial.enabled (ne (int .replicas) 1) }}{{ fail "endorser.replicas must be 1 while endorser.trial.enabled is true: every Pod would make a network of its own" }}{{ end -}}
{{- if not .trial.enabled -}}
{{- if not .localMspId }}{{ fail "endorser.localMspId is needed while endorser.trial.enabled is false" }}{{ end -}}
{{- if not .msp.secretName }}{{ fail "endorser.msp.secretName is needed while endorser.trial.enabled is false: a Secret with cert.pem, key.pem, cacert.pem" }}{{ end -}}
{{- if not .tls.secretName }}{{ fail "endorser.tls.secretName is needed while endorser.trial.enabled is false: a Secret with tls.crt, tls.key, ca.crt" }}{{ end -}}
{{- end -}}
{{- if .docker.enabled -}}
{{- if not .docker.endpoint }}{{ fail "endorser.docker.endpoint is needed while endorser.docker.enabled is true" }}{{ end -}}
{{- if not .docker.chaincodeAddress }}{{ fail "endorser.docker.chaincodeAddress is needed while endorser.docker.enabled is true: containers of another engine do not reach a Pod by its name" }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.orderer -}}
{{- if .enabled -}}
{{- if not .localMspId }}{{ fail "orderer.localMspId is needed while orderer.enabled is true" }}{{ end -}}
{{- if not .msp.secretName }}{{ fail "orderer.msp.secretName is needed while orderer.enabled is true" }}{{ end -}}
{{- if not .tls.secretName }}{{ fail "orderer.tls.secretName is needed while orderer.enabled is true" }}{{ end -}}
{{- if not (or .genesisBlocks.configMapName .genesisBlocks.secretName) }}{{ fail "orderer.genesisBlocks.configMapName or .secretName is needed while orderer.enabled is true" }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
