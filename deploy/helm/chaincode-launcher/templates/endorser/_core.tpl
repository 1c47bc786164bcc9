{{/* core.yaml: what this chart makes, under what the user wrote. */}}
{{- define "ccl.core" -}}
{{- $name := printf "%s-endorser" (include "ccl.fullname" .) }}
{{- $cc := .Values.chaincode }}
{{- $node := dict "runtime" $cc.node.image "builder" ($cc.node.builder | default $cc.node.image) "buildCommand" $cc.node.buildCommand }}
{{- $java := dict "runtime" $cc.java.image "builder" ($cc.java.builder | default $cc.java.image) "buildCommand" $cc.java.buildCommand "mountPath" $cc.java.mountPath "command" $cc.java.command }}
{{- $golang := dict "runtime" $cc.golang.image "builder" $cc.golang.builder "buildCommand" $cc.golang.buildCommand }}
{{- $kubernetes := dict
  "owner" (printf "apps/v1/statefulsets/%s" $name)
  "artifacts" (dict "listenAddress" "0.0.0.0:7055")
  "node" $node "java" $java "golang" $golang
  "images" $cc.images "buildEnv" $cc.buildEnv "pod" $cc.pod "pods" $cc.pods
  "prewarmed" (int $cc.prewarmed) "attachStdout" $cc.attachStdout "keepFinished" $cc.keepFinished
  "networkPolicy" .Values.networkPolicy.chaincode
  "endorserPodLabels" (include "ccl.selector" (dict "root" . "component" "endorser") | fromYaml) }}
{{- $vm := dict "provider" "kubernetes" "kubernetes" $kubernetes "retire" (dict "keep" (int $cc.keepOldVersions)) }}
{{- $chaincode := dict "startuptimeout" $cc.startupTimeout "executetimeout" $cc.executeTimeout }}
{{- with .Values.endorser.docker }}
{{- if .enabled }}
{{- $_ := set $vm "provider" "docker" }}
{{- $_ := set $vm "endpoint" .endpoint }}
{{- $_ := unset $vm "kubernetes" }}
{{- $docker := dict "attachStdout" $cc.attachStdout "images" $cc.images }}
{{- if .tlsSecretName }}
{{- $_ := set $docker "tls" (dict "enabled" true "ca" (dict "file" "/etc/hyperledger/docker/ca.pem") "cert" (dict "file" "/etc/hyperledger/docker/cert.pem") "key" (dict "file" "/etc/hyperledger/docker/key.pem")) }}
{{- end }}
{{- $_ := set $vm "docker" $docker }}
{{- $_ := set $chaincode "builder" $cc.golang.builder }}
{{- $_ := set $chaincode "node" (dict "runtime" $cc.node.image) }}
{{- $_ := set $chaincode "java" (dict "runtime" $cc.java.image) }}
{{- $_ := set $chaincode "golang" (dict "runtime" $cc.golang.image) }}
{{- end }}
{{- end }}
{{- $core := dict "vm" $vm "chaincode" $chaincode "logging" (dict "spec" .Values.endorser.logSpec) }}
{{- if not .Values.endorser.trial.enabled }}
{{- $tls := dict "enabled" true
  "cert" (dict "file" "/etc/hyperledger/fabric/tls/tls.crt")
  "key" (dict "file" "/etc/hyperledger/fabric/tls/tls.key")
  "rootcert" (dict "file" "/etc/hyperledger/fabric/tls/ca.crt") }}
{{- $_ := set $core "peer" (dict "localMspId" .Values.endorser.localMspId
  "mspConfigPath" "/etc/hyperledger/fabric/msp"
  "fileSystemPath" "/var/hyperledger/production"
  "listenAddress" "0.0.0.0:7051" "chaincodeListenAddress" "0.0.0.0:7052" "tls" $tls) }}
{{- $_ := set $core "operations" (dict "listenAddress" "0.0.0.0:9443") }}
{{- $_ := set $core "metrics" (dict "provider" "prometheus") }}
{{- end }}
{{- toYaml (mergeOverwrite $core (deepCopy .Values.endorser.config)) }}
{{- end -}}
