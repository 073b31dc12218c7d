#compdef imagepull kubectl-imagepull
# zsh completion for imagepull
_imagepull() {
  local line directive=0
  local -a lines values shown space
  lines=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    if [[ "$line" == :<-> ]]; then
      directive="${line#:}"
    elif [[ -n "$line" ]]; then
      values+=("${line%%$'\t'*}")
      shown+=("${line/$'\t'/  -- }")
    fi
  done
  (( directive & 2 )) && space=(-S '')
  if (( ${#values} )); then
    compadd "${space[@]}" -l -d shown -a values
  elif (( ! (directive & 4) )); then
    _files
  fi
}
if [[ "${funcstack[1]}" == _imagepull ]]; then
  _imagepull "$@"
else
  compdef _imagepull imagepull kubectl-imagepull
fi
